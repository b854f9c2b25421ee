-- Who leads by a metric is found in an index, not by looking at all runs that logged it: those are in as many pages as
-- there are runs. A batch that lowers a minimum touches the index, too, which costs less than the look did at 30,000
-- runs. The larger the value the lower the rank: the expression is what the question sorts by.
CREATE INDEX metric_summaries_by_min ON metric_summaries (name, min_value) WHERE min_value IS NOT NULL;
CREATE INDEX metric_summaries_by_max ON metric_summaries (name, (-max_value)) WHERE min_value IS NOT NULL;
