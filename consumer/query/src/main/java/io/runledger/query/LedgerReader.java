package io.runledger.query;

import io.runledger.query.alerts.Firing;
import io.runledger.query.alerts.FiringFilter;
import io.runledger.query.connection.LedgerSource;
import io.runledger.query.connection.SqlRows;
import io.runledger.query.connection.UserStatement;
import io.runledger.query.failure.AmbiguousRunException;
import io.runledger.query.failure.LedgerNotFoundException;
import io.runledger.query.failure.LedgerUnavailableException;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.filter.Field;
import io.runledger.query.groups.GroupCurve;
import io.runledger.query.groups.RunGroup;
import io.runledger.query.groups.RunValue;
import io.runledger.query.groups.XAxis;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.LastValue;
import io.runledger.query.metrics.LogCall;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.overview.DeadLetter;
import io.runledger.query.overview.ErrorGroup;
import io.runledger.query.overview.LedgerState;
import io.runledger.query.overview.MissingEvents;
import io.runledger.query.overview.NameCount;
import io.runledger.query.overview.NameKind;
import io.runledger.query.overview.StreamEnd;
import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.AtLeastOne;
import io.runledger.query.runs.BestRun;
import io.runledger.query.runs.ErrorFilter;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.LocatedRun;
import io.runledger.query.runs.LogGap;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.RunRow;
import io.runledger.query.runs.RunSelector;
import io.runledger.query.runs.SlurmJob;
import io.runledger.query.series.Series;
import io.runledger.query.series.SeriesPosition;
import io.runledger.query.sql.BestQueries;
import io.runledger.query.sql.Comparison;
import io.runledger.query.sql.CurveQueries;
import io.runledger.query.sql.ErrorPages;
import io.runledger.query.sql.ErrorQueries;
import io.runledger.query.sql.FactQueries;
import io.runledger.query.sql.GroupCurveQueries;
import io.runledger.query.sql.GroupQueries;
import io.runledger.query.sql.JobQueries;
import io.runledger.query.sql.LastValueQueries;
import io.runledger.query.sql.MetricQueries;
import io.runledger.query.sql.Pages;
import io.runledger.query.sql.PointPages;
import io.runledger.query.sql.PointQueries;
import io.runledger.query.sql.RowQueries;
import io.runledger.query.sql.RunLocator;
import io.runledger.query.sql.RunQueries;
import io.runledger.query.sql.columns.FiringQueries;
import io.runledger.query.sql.columns.NameQueries;
import io.runledger.query.sql.columns.OverviewQueries;
import io.runledger.query.sql.columns.SeriesQueries;
import io.runledger.schemas.RunId;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * The queries on a ledger. {@link Ledger} answers each as of its own moment, {@link Snapshot} all
 * as of one.
 *
 * <p>Deleted runs are not seen at all, unless a question says so. Nothing that comes out refers to
 * a connection. What begins with {@code forEach} reads a page at a time, each behind the last row
 * of the one before, and has no more in memory however much there is; the visitor may ask further
 * questions. What gives a list has all of it in memory.
 *
 * <p>Every method throws {@link LedgerNotFoundException} when there is no database, {@link
 * LedgerUnavailableException} when it cannot be read or a question takes longer than its time
 * limit, {@link RunNotFoundException} when it is given the id of a run that is not there, {@link
 * IllegalArgumentException} when a number that it is given leaves nothing, and {@link
 * NullPointerException} for null.
 */
public abstract sealed class LedgerReader implements AutoCloseable permits Ledger, Snapshot {

  /** Runs or jobs read at a time; each has some kilobytes. */
  private static final int PAGE = 500;

  /** Points of several metrics that are read at a time. */
  private static final int POINTS_TOGETHER = 10_000;

  LedgerReader() {}

  /** Reads in one transaction. */
  abstract <T> T read(LedgerSource.Reading<T> reading);

  /** The store that answers. */
  abstract LedgerSource source();

  /**
   * Where the ledger is, for people: the absolute path of its file, or the URL of its server
   * without user, password and settings.
   */
  public final String location() {
    return source().location();
  }

  @Override
  public abstract void close();

  /**
   * The run that a selector means.
   *
   * @throws RunNotFoundException when none matches
   * @throws AmbiguousRunException when several do
   */
  public final RunId find(RunSelector selector) {
    return read(handle -> new RunLocator(handle).find(selector));
  }

  /**
   * The run that a selector means, also when it is deleted.
   *
   * @throws RunNotFoundException when none matches
   * @throws AmbiguousRunException when several do
   */
  public final LocatedRun locate(RunSelector selector) {
    return read(handle -> new RunLocator(handle).locate(selector));
  }

  /**
   * The runs that match, newest first, with a word on what they are.
   *
   * @param deleted whether those that are deleted are meant, and no others
   */
  public final List<LocatedRun> locateAll(RunFilter filter, boolean deleted) {
    return read(handle -> new RunLocator(handle).chosen(filter, deleted));
  }

  /** The run; empty when there is none, or it was deleted. */
  public final Optional<Run> run(RunId run) {
    return read(handle -> RunQueries.one(handle, run));
  }

  /** The run with all that is known of it but its points. */
  public final RunDetails details(RunId run) {
    return of(
        run,
        (handle, found) ->
            new RunDetails(
                found,
                RunQueries.attempts(handle, run),
                FactQueries.claims(handle, run),
                MetricQueries.summaries(handle, run),
                Optional.ofNullable(LastValueQueries.of(handle, List.of(run)).get(run)),
                FactQueries.results(handle, run),
                FactQueries.artifacts(handle, run),
                ErrorQueries.loggedBy(handle, run),
                JobQueries.of(handle, run, JobFilter.all()),
                FactQueries.gaps(handle, run),
                FactQueries.logGaps(handle),
                FactQueries.dropped(handle, run)));
  }

  /**
   * The runs that match, in the filter's order, which is newest first by the start of their first
   * attempt unless it says otherwise. Of more than fit a page the next ones of the newest are those
   * {@link RunFilter#after} the last one's {@link Run#cursor}: each run comes once, also when runs
   * are created between the pages, or several began at the same time. {@link #rows} has pages of
   * any order.
   */
  public final List<Run> runs(RunFilter filter) {
    return List.copyOf(placedRuns(filter).values());
  }

  /**
   * The same with their places in the order: of more than fit a page the next ones are those {@link
   * RunFilter#after} the last place, in any order.
   */
  public final Map<RunCursor, Run> placedRuns(RunFilter filter) {
    return read(handle -> RowQueries.placed(handle, filter));
  }

  /**
   * The places of those that match, deleted or not, in the filter's order: of more than fit a page
   * the next ones are those {@link RunFilter#after} the last one.
   *
   * @param isDeletedOnly whether those that are deleted are meant, and no others
   */
  public final List<RunCursor> placesWithDeleted(RunFilter filter, boolean isDeletedOnly) {
    return read(handle -> RowQueries.placesWithDeleted(handle, filter, isDeletedOnly));
  }

  /** Those of these runs that are there; one that was deleted is left out. */
  public final Map<RunId, Run> shownRuns(Collection<RunId> runs) {
    return read(handle -> RunQueries.some(handle, runs));
  }

  /**
   * Those of these runs that were deleted, as they were; heartbeats, and what is known to be
   * missing of them, are not told.
   */
  public final Map<RunId, Run> deletedRuns(Collection<RunId> runs) {
    return read(handle -> RunQueries.deleted(handle, runs));
  }

  /**
   * Some values of the runs that match, in the filter's order, at the cost of those alone where the
   * newest are asked for, and of one look at each matching run where others are. Of more than fit a
   * page the next ones are those {@link RunFilter#after} the last one's {@link RunRow#cursor}. A
   * run of which a key of the order changes meanwhile may come again, or not at all; all others
   * come once.
   *
   * @param fields whose values; none for the order alone
   */
  public final List<RunRow> rows(RunFilter filter, List<Field> fields) {
    return read(handle -> RowQueries.rows(handle, RowQueries.places(handle, filter), fields));
  }

  /**
   * Visits the same, in the order that they had when the call began, of which the keys are kept.
   */
  public final void forEachRow(RunFilter filter, List<Field> fields, Consumer<RunRow> visitor) {
    List<RunCursor> order = read(handle -> RowQueries.places(handle, filter));
    for (int from = 0; from < order.size(); from += PAGE) {
      List<RunCursor> some = order.subList(from, Math.min(order.size(), from + PAGE));
      read(handle -> RowQueries.rows(handle, some, fields)).forEach(visitor);
    }
  }

  /**
   * Visits the runs that match. Newest first, next to a writer a run of which an older attempt
   * comes to light meanwhile is visited again. Any other order is the one that they had when the
   * call began, of which the keys are kept.
   */
  public final void forEachRun(RunFilter filter, Consumer<Run> visitor) {
    if (!RunQueries.isNewestFirst(filter)) {
      List<RunCursor> order = read(handle -> RowQueries.places(handle, filter));
      for (int from = 0; from < order.size(); from += PAGE) {
        List<RunCursor> some = order.subList(from, Math.min(order.size(), from + PAGE));
        read(handle -> RowQueries.runs(handle, some)).forEach(visitor);
      }
      return;
    }
    int page = Math.min(filter.limit(), PAGE);
    limited(
        new Pages<Run>(
            last -> {
              RunFilter rest = last.map(run -> filter.after(run.cursor())).orElse(filter);
              return read(handle -> RunQueries.newest(handle, rest, page));
            }),
        filter.limit(),
        visitor);
  }

  private static <T> void limited(Iterator<T> rows, int limit, Consumer<T> visitor) {
    for (int i = 0; i < limit && rows.hasNext(); i++) {
      visitor.accept(rows.next());
    }
  }

  /** How many runs match, whatever the filter's limit. */
  public final long countRuns(RunFilter filter) {
    return read(handle -> RunQueries.count(handle, filter));
  }

  /**
   * How many runs have a metric.
   *
   * @throws MetricNotFoundException when none has
   */
  public final long countRunsWith(String metric) {
    return read(handle -> MetricQueries.requireOfAny(handle, metric));
  }

  /** The names of all metrics that any run logged, sorted. */
  public final List<String> metricNames() {
    return read(MetricQueries::names);
  }

  /** The metrics of a run in a few numbers each, by name. */
  public final List<MetricSummary> summaries(RunId run) {
    return of(run, (handle, found) -> MetricQueries.summaries(handle, run));
  }

  /** The same of many runs in one go; runs without metrics, or that are not there, are left out. */
  public final Map<RunId, List<MetricSummary>> summaries(Collection<RunId> runs) {
    return read(handle -> MetricQueries.summaries(handle, runs));
  }

  /**
   * The last value that each of these runs logged, of whatever metric, at the cost of one point a
   * metric; runs without metrics, or that are not there, are left out.
   */
  public final Map<RunId, LastValue> lastValues(Collection<RunId> runs) {
    return read(handle -> LastValueQueries.of(handle, runs));
  }

  /**
   * Of each metric of these runs the point of the highest step, of those of one step the latest, by
   * the names of the metrics; a point without a step counts as of step 0. It costs one point a
   * series, or all points of one whose last point has not the highest step. Runs may be deleted;
   * those without metrics, or that are not there, are left out.
   */
  public final Map<RunId, List<MetricPoint>> newestPoints(Collection<RunId> runs) {
    return read(handle -> LastValueQueries.points(handle, runs));
  }

  /**
   * When the newest attempts of these runs ended, to the microsecond; those that go on, or are not
   * there, are left out.
   */
  public final Map<RunId, Instant> ends(Collection<RunId> runs) {
    return read(handle -> FactQueries.ends(handle, runs));
  }

  /**
   * How far the streams of these runs have come, deleted or not; runs that are not there are left
   * out.
   */
  public final Map<RunId, List<StreamEnd>> streams(Collection<RunId> runs) {
    return read(handle -> FactQueries.streams(handle, runs));
  }

  /**
   * The points of one metric in the order of logging, without superseded ones.
   *
   * @throws MetricNotFoundException when the run never logged it
   */
  public final List<MetricPoint> points(RunId run, String metric) {
    return of(run, metric, handle -> PointQueries.points(handle, run, metric));
  }

  /**
   * Visits the points of one metric in the order of logging, without superseded ones. What is
   * logged after the call began is left out.
   *
   * @throws MetricNotFoundException when the run never logged it
   */
  public final void forEachPoint(RunId run, String metric, Consumer<MetricPoint> visitor) {
    for (PointPages pages : of(run, metric, handle -> PointPages.of(handle, run, metric))) {
      new Pages<MetricPoint>(
              last -> read(handle -> pages.after(handle, last.map(MetricPoint::seq).orElse(-1L))))
          .forEachRemaining(visitor);
    }
  }

  /**
   * Visits the points of some metrics of a run as {@link #forEachPoint(RunId, String, Consumer)}
   * does, metric after metric. Those that have few points are read together; one that the run does
   * not have any more is left out.
   *
   * @param metrics of this run, in the order of their names, as {@link #summaries(RunId)} has them
   */
  public final void forEachPoint(
      RunId run, Collection<MetricSummary> metrics, Consumer<MetricPoint> visitor) {
    List<String> few = new ArrayList<>();
    long points = 0;
    for (MetricSummary metric : metrics) {
      if (points + metric.count() > POINTS_TOGETHER) {
        visit(run, few, visitor);
        points = 0;
      }
      if (metric.count() > POINTS_TOGETHER) {
        forEachPoint(run, metric.name(), visitor);
      } else {
        few.add(metric.name());
        points += metric.count();
      }
    }
    visit(run, few, visitor);
  }

  private void visit(RunId run, List<String> metrics, Consumer<MetricPoint> visitor) {
    if (!metrics.isEmpty()) {
      of(run, (handle, found) -> PointQueries.points(handle, run, metrics)).forEach(visitor);
      metrics.clear();
    }
  }

  /**
   * The last points of one metric in the order of logging, at a cost of those alone.
   *
   * @param limit maximum number to return
   * @throws IllegalArgumentException when the limit is less than 1
   * @throws MetricNotFoundException when the run never logged it
   */
  public final List<MetricPoint> lastPoints(RunId run, String metric, int limit) {
    AtLeastOne.check("limit", limit);
    return of(run, metric, handle -> PointQueries.last(handle, run, metric, limit));
  }

  /**
   * One metric of a run reduced to buckets; holds no point in memory.
   *
   * @param width maximum number of buckets
   * @throws IllegalArgumentException when the width is less than 1
   * @throws MetricNotFoundException when the run never logged it
   */
  public final Curve curve(RunId run, String metric, int width) {
    AtLeastOne.check("width", width);
    return of(run, metric, handle -> CurveQueries.curve(handle, run, metric, width));
  }

  /**
   * The curves of the first metrics of a run by name, as {@link #curve} gives each, at the cost of
   * one pass over their points.
   *
   * @param metrics maximum number of metrics
   * @param width maximum number of buckets each
   * @throws IllegalArgumentException when one of them is less than 1
   */
  public final Map<String, Curve> curves(RunId run, int metrics, int width) {
    AtLeastOne.check("number of metrics", metrics);
    AtLeastOne.check("width", width);
    return of(
        run,
        (handle, found) -> {
          List<MetricSummary> all = MetricQueries.summaries(handle, run);
          return CurveQueries.curves(
              handle, run, all.subList(0, Math.min(metrics, all.size())), width);
        });
  }

  /**
   * One metric of a run as a line to draw, or only the part of it that follows a position.
   *
   * @param width about how many buckets; each piece of the line, which one writer of an attempt
   *     logged, has at least one
   * @param range which part of the line
   * @param after what the asker has already
   * @return empty when the run has not logged it
   * @throws IllegalArgumentException when the width is less than 1
   */
  public final Optional<Series> series(
      RunId run, String metric, int width, Series.Range range, Optional<SeriesPosition> after) {
    Objects.requireNonNull(metric, "metric");
    AtLeastOne.check("width", width);
    return of(run, (handle, found) -> SeriesQueries.of(handle, run, metric, width, range, after));
  }

  /** The log calls of a run in the order of logging, without superseded points. */
  public final List<LogCall> logCalls(RunId run) {
    return of(run, (handle, found) -> PointQueries.logCalls(handle, run));
  }

  /**
   * Runs side by side: final and best values, total epochs, and where their configurations differ.
   * Best is the smallest value where the name looks like a loss ({@link Optimum#of}).
   *
   * @param runs the runs; one that comes twice is shown once
   * @param forOthers which end is the good one of metrics that do not look like a loss
   * @throws RunNotFoundException when one of them is not there
   */
  public final RunComparison compare(List<RunId> runs, Optimum forOthers) {
    return read(handle -> Comparison.of(handle, runs, forOthers));
  }

  /**
   * The runs with the best values of a metric, best first, as many as the filter allows; of equal
   * ones the oldest run first. NaN is never best, and runs that logged nothing else are left out.
   *
   * @throws MetricNotFoundException when no run ever logged it
   */
  public final List<BestRun> best(String metric, Optimum optimum, RunFilter filter) {
    Objects.requireNonNull(metric, "metric");
    Objects.requireNonNull(optimum, "optimum");
    return read(handle -> BestQueries.best(handle, metric, optimum, filter));
  }

  /**
   * The run with the best value of a metric; empty when all values are NaN.
   *
   * @throws MetricNotFoundException when no run ever logged it
   */
  public final Optional<BestRun> best(String metric, Optimum optimum) {
    return best(metric, optimum, RunFilter.newest(1)).stream().findFirst();
  }

  /**
   * Visits the best runs in the order that they had when the call began, of which an id and a value
   * a run are kept.
   *
   * @throws MetricNotFoundException when no run ever logged it
   */
  public final void forEachBest(
      String metric, Optimum optimum, RunFilter filter, Consumer<BestRun> visitor) {
    Objects.requireNonNull(metric, "metric");
    Objects.requireNonNull(optimum, "optimum");
    List<BestQueries.Found> order =
        read(handle -> BestQueries.ranked(handle, metric, optimum, filter));
    for (int from = 0; from < order.size(); from += PAGE) {
      List<BestQueries.Found> some = order.subList(from, Math.min(order.size(), from + PAGE));
      read(handle -> BestQueries.runs(handle, metric, optimum, some)).forEach(visitor);
    }
  }

  /**
   * The runs that match in groups of those that have the same values of some fields, in the order
   * of these: all of them, whatever the filter's limit, order and page. In memory are the groups
   * and one number a run.
   *
   * @param by the fields; none for one group of all
   * @param value which value of the metric stands for a run
   * @throws MetricNotFoundException when no run ever logged it
   */
  public final List<RunGroup> groups(
      RunFilter filter, List<Field> by, String metric, RunValue value) {
    Objects.requireNonNull(metric, "metric");
    Objects.requireNonNull(value, "value");
    return read(handle -> GroupQueries.groups(handle, filter, by, metric, value));
  }

  /**
   * The curves of the same groups; one without a point is left out. All points of the runs are
   * read, a run at a time, so the cost is that of their points, and the memory that of the buckets
   * of the groups. Only a {@link Snapshot} reads all runs as of one moment.
   *
   * @param axis what the curves are drawn over
   * @param width maximum number of buckets
   * @param groups maximum number of curves; those of further groups are left out
   * @throws IllegalArgumentException when the width or the number of groups is less than 1
   * @throws MetricNotFoundException when no run ever logged it
   */
  public final List<GroupCurve> groupCurves(
      RunFilter filter, List<Field> by, String metric, XAxis axis, int width, int groups) {
    Objects.requireNonNull(metric, "metric");
    Objects.requireNonNull(axis, "axis");
    AtLeastOne.check("width", width);
    AtLeastOne.check("groups", groups);
    return new GroupCurveQueries(this::read, metric, axis).curves(filter, by, width, groups);
  }

  /** How many runs {@link #best} would give without a limit. */
  public final long countBest(String metric, RunFilter filter) {
    Objects.requireNonNull(metric, "metric");
    return read(handle -> BestQueries.count(handle, metric, filter));
  }

  /**
   * What went wrong, newest first: the errors that were logged, and the ends of attempts that
   * failed without one.
   */
  public final List<RunError> errors(ErrorFilter filter) {
    List<RunError> errors = new ArrayList<>();
    forEachError(filter, errors::add);
    return List.copyOf(errors);
  }

  /** Visits what went wrong, newest first. Of each run's last error the runs' ids are kept. */
  public final void forEachError(ErrorFilter filter, Consumer<RunError> visitor) {
    new ErrorPages(this::read, filter).forEach(visitor);
  }

  /** How many errors match, whatever the filter's limit. */
  public final long countErrors(ErrorFilter filter) {
    return read(handle -> ErrorQueries.count(handle, filter));
  }

  /** Errors that are alike, of the runs that match, the most frequent first. */
  public final List<ErrorGroup> errorGroups(RunFilter filter) {
    return read(handle -> OverviewQueries.errors(handle, filter));
  }

  /**
   * Names of a kind, with how many runs have each, the most used first.
   *
   * @param like what they contain, in letters of any case
   * @param limit maximum number to return
   */
  public final List<NameCount> names(NameKind kind, String like, int limit) {
    AtLeastOne.check("limit", limit);
    return read(handle -> NameQueries.names(handle, kind, like, limit));
  }

  /** The streams that miss most, of all runs. */
  public final List<MissingEvents> missingEvents(int limit) {
    AtLeastOne.check("limit", limit);
    return read(handle -> OverviewQueries.missing(handle, limit));
  }

  /** What the log lost of all runs together. */
  public final List<LogGap> logGaps() {
    return read(FactQueries::logGaps);
  }

  /** The newest records that could not be applied. */
  public final List<DeadLetter> deadLetters(int limit) {
    AtLeastOne.check("limit", limit);
    return read(handle -> OverviewQueries.deadLetters(handle, limit));
  }

  /** How the ledger does, as far as the database says. */
  public final LedgerState state() {
    return read(OverviewQueries::state);
  }

  /** The artifacts of a run, oldest first. */
  public final List<Artifact> artifacts(RunId run) {
    return of(run, (handle, found) -> FactQueries.artifacts(handle, run));
  }

  /**
   * The artifacts of some types of these runs, by attempt and order; runs without such ones are
   * left out.
   */
  public final Map<RunId, List<Artifact>> artifacts(
      Collection<RunId> runs, Collection<String> types) {
    return read(handle -> FactQueries.artifacts(handle, runs, types));
  }

  /** The results of a run, oldest first. */
  public final List<RunResults> results(RunId run) {
    return of(run, (handle, found) -> FactQueries.results(handle, run));
  }

  /** SLURM jobs, those of the newest attempts first. */
  public final List<SlurmJob> slurmJobs(JobFilter filter) {
    List<SlurmJob> jobs = new ArrayList<>();
    forEachSlurmJob(filter, jobs::add);
    return List.copyOf(jobs);
  }

  /** Visits SLURM jobs, those of the newest attempts first; those of one run are read at once. */
  public final void forEachSlurmJob(JobFilter filter, Consumer<SlurmJob> visitor) {
    if (filter.run().isPresent()) {
      RunId run = filter.run().get();
      of(run, (handle, found) -> JobQueries.of(handle, run, filter)).forEach(visitor);
      return;
    }
    int page = Math.min(filter.limit(), PAGE);
    limited(
        new Pages<SlurmJob>(last -> read(handle -> JobQueries.page(handle, filter, last, page))),
        filter.limit(),
        visitor);
  }

  /** How many jobs match, whatever the filter's limit. */
  public final long countSlurmJobs(JobFilter filter) {
    return read(handle -> JobQueries.count(handle, filter));
  }

  /** What rules of alerts found, the newest first. */
  public final List<Firing> firings(FiringFilter filter) {
    List<Firing> firings = new ArrayList<>();
    forEachFiring(filter, firings::add);
    return List.copyOf(firings);
  }

  /** Visits what rules of alerts found, the newest first. */
  public final void forEachFiring(FiringFilter filter, Consumer<Firing> visitor) {
    int page = Math.min(filter.limit(), PAGE);
    limited(
        new Pages<Firing>(last -> read(handle -> FiringQueries.page(handle, filter, last, page))),
        filter.limit(),
        visitor);
  }

  /** How many firings match, whatever the filter's limit. */
  public final long countFirings(FiringFilter filter) {
    return read(handle -> FiringQueries.count(handle, filter));
  }

  /**
   * Runs one statement of a user that only reads. It can change nothing and write no file, whatever
   * it says.
   *
   * @throws IllegalArgumentException when it is not a statement, several, or not one that only
   *     reads
   * @throws LedgerUnavailableException when SQLite refuses it; rows may have been taken before
   */
  public final void sql(String statement, SqlRows rows) {
    UserStatement reading = source().statement(statement);
    read(
        handle -> {
          try {
            reading.run(handle.getConnection(), rows);
            return statement;
          } catch (SQLException e) {
            // Not to be tried again on a new generation: some rows may be with the caller already.
            throw source().unavailable(e);
          }
        });
  }

  /** Something that is read of a run that is there. */
  private interface OfRun<T> {
    T read(Handle handle, Run run) throws SQLException;
  }

  private <T> T of(RunId run, OfRun<T> reading) {
    return read(handle -> reading.read(handle, RunQueries.existing(handle, run)));
  }

  private <T> T of(RunId run, String metric, LedgerSource.Reading<T> reading) {
    Objects.requireNonNull(metric, "metric");
    return of(
        run,
        (handle, found) -> {
          MetricQueries.require(handle, found, metric);
          return reading.from(handle);
        });
  }
}
