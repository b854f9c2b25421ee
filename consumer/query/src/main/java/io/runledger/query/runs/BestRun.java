package io.runledger.query.runs;

import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.Optimum;

/**
 * A run and the best value that it ever logged of a metric.
 *
 * @param run the run
 * @param metric name of the metric
 * @param optimum which end is the good one
 * @param best the value, never NaN, and where it was logged
 */
public record BestRun(Run run, String metric, Optimum optimum, MetricSummary.Mark best) {}
