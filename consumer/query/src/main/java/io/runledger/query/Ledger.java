package io.runledger.query;

import io.runledger.query.connection.ReadConnection;
import io.runledger.query.connection.ReadConnections;
import io.runledger.query.connection.ReadingStatement;
import io.runledger.query.connection.SqlRows;
import io.runledger.query.failure.AmbiguousRunException;
import io.runledger.query.failure.LedgerNotFoundException;
import io.runledger.query.failure.LedgerUnavailableException;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.LastValue;
import io.runledger.query.metrics.LogCall;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.BestRun;
import io.runledger.query.runs.LocatedRun;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.RunSelector;
import io.runledger.query.runs.SlurmJob;
import io.runledger.query.sql.BestQueries;
import io.runledger.query.sql.Comparison;
import io.runledger.query.sql.CurveQueries;
import io.runledger.query.sql.ErrorPages;
import io.runledger.query.sql.ErrorQueries;
import io.runledger.query.sql.FactQueries;
import io.runledger.query.sql.LastValueQueries;
import io.runledger.query.sql.MetricQueries;
import io.runledger.query.sql.Pages;
import io.runledger.query.sql.PointPages;
import io.runledger.query.sql.RunLocator;
import io.runledger.query.sql.RunQueries;
import io.runledger.schemas.RunId;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The ledger of runs, read only.
 *
 * <pre>{@code
 * try (Ledger ledger = Ledger.open(Path.of("runledger.db"))) {
 *   RunId run = ledger.find(RunSelector.parse("7/mnist/cnn/s01/-/3"));
 *   ledger.getMetrics(run, "val/loss").forEach(point -> System.out.println(point.value()));
 * }
 * }</pre>
 *
 * <p>Each method sees the database as of one moment, also while the service writes or a rebuild
 * swaps the file; the next call sees the new state. Deleted runs are not seen at all.
 *
 * <p>Thread-safe: each call has a connection of its own while it runs, taken from those that are
 * idle or opened anew, so calls of several threads run beside one another. Nothing that comes out
 * refers to a connection.
 *
 * <p>Every method throws {@link LedgerNotFoundException} when there is no database, {@link
 * LedgerUnavailableException} when it cannot be read or a question takes longer than 10 s, and
 * {@link RunNotFoundException} when it is given the id of a run that is not there.
 */
public final class Ledger implements AutoCloseable {

  /** Longer than a question of this class takes on a million points. */
  public static final Duration TIME_LIMIT = Duration.ofSeconds(10);

  /** Runs or jobs read at a time; each has some kilobytes. */
  private static final int PAGE = 500;

  private final ReadConnections connections;

  private Ledger(ReadConnections connections) {
    this.connections = connections;
  }

  /**
   * Opens the database that the path names, a link or a file. Reads a little of it, so that a
   * mistake shows here.
   */
  public static Ledger open(Path database) {
    return open(database, TIME_LIMIT);
  }

  /** The same, with another limit than {@link #TIME_LIMIT} to the time that a question takes. */
  public static Ledger open(Path database, Duration timeLimit) {
    Ledger ledger = new Ledger(new ReadConnections(database, timeLimit));
    ledger.read(handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one());
    return ledger;
  }

  /**
   * Loads what every question needs, SQLite and the query library, by asking a database in memory.
   * For a process that lives for one question: called on another thread while the first one does
   * something else, it brings the answer nearer.
   *
   * @throws LedgerUnavailableException when it cannot, as the question itself could not
   */
  public static void preload() {
    ReadConnection.preload();
  }

  /** For statements of this package that need the same moment. */
  <T> T read(ReadConnections.Reading<T> reading) {
    return connections.read(reading);
  }

  /**
   * The run that a selector means.
   *
   * @throws RunNotFoundException when none fits
   * @throws AmbiguousRunException when several do
   */
  public RunId find(RunSelector selector) {
    return read(handle -> new RunLocator(handle).find(selector));
  }

  /**
   * The run that a selector means, also when it is deleted.
   *
   * @throws RunNotFoundException when none fits
   * @throws AmbiguousRunException when several do
   */
  public LocatedRun locate(RunSelector selector) {
    return read(handle -> new RunLocator(handle).locate(selector));
  }

  /**
   * The runs that fit, newest first, with a word on what they are.
   *
   * @param deleted whether those that are deleted are meant, and no others
   */
  public List<LocatedRun> locateAll(RunFilter filter, boolean deleted) {
    return read(handle -> new RunLocator(handle).chosen(filter, deleted));
  }

  /** The run; empty when there is none, or it was deleted. */
  public Optional<Run> getRun(RunId run) {
    return read(handle -> RunQueries.one(handle, run.value()));
  }

  /** The run with all that is known of it but its points. */
  public RunDetails getDetails(RunId run) {
    return read(
        handle -> {
          Run found = RunQueries.existing(handle, run);
          return new RunDetails(
              found,
              RunQueries.attempts(handle, run.value()),
              RunQueries.claims(handle, run.value()),
              MetricQueries.summaries(handle, run),
              Optional.ofNullable(LastValueQueries.of(handle, List.of(run)).get(run)),
              FactQueries.results(handle, run.value()),
              FactQueries.artifacts(handle, run.value()),
              ErrorQueries.loggedBy(handle, run),
              FactQueries.jobsOf(handle, run, Optional.empty(), Integer.MAX_VALUE),
              RunQueries.gaps(handle, run.value()),
              RunQueries.logGaps(handle),
              RunQueries.dropped(handle, run.value()));
        });
  }

  /** The runs that fit, newest first by the start of their first attempt. */
  public List<Run> listRuns(RunFilter filter) {
    return read(handle -> RunQueries.newest(handle, filter));
  }

  /**
   * Visits the runs that fit, newest first by the start of their first attempt, however many there
   * are: a page of them is in memory at a time, and no state of the database is held while the
   * visitor takes its time. A run of which an older attempt comes to light meanwhile is visited
   * again.
   */
  public void forEachRun(RunFilter filter, Consumer<Run> visitor) {
    int page = Math.min(filter.limit(), PAGE);
    limited(
        new Pages<RunQueries.Keyed>(
            last -> read(handle -> RunQueries.newest(handle, filter, last, page))),
        filter.limit(),
        key -> visitor.accept(key.run()));
  }

  private static <T> void limited(Iterator<T> rows, int limit, Consumer<T> visitor) {
    for (int i = 0; i < limit && rows.hasNext(); i++) {
      visitor.accept(rows.next());
    }
  }

  /** How many runs match, whatever the filter's limit. */
  public long countRuns(RunFilter filter) {
    return read(handle -> RunQueries.count(handle, filter));
  }

  /** How many errors {@link #getErrors} would give without a limit. */
  public long countErrors(Optional<RunId> run, Optional<Instant> since) {
    return read(handle -> ErrorQueries.count(handle, run, since));
  }

  /** How many jobs {@link #getSlurmJobs} would give without a limit. */
  public long countSlurmJobs(Optional<RunId> run, Optional<Instant> since) {
    return read(handle -> FactQueries.countJobs(handle, run, since));
  }

  /** The names of all metrics that any run logged, sorted. */
  public List<String> metricNames() {
    return read(MetricQueries::names);
  }

  /** The metrics of a run in a few numbers each, by name. */
  public List<MetricSummary> getSummaries(RunId run) {
    return read(
        handle -> {
          RunQueries.existing(handle, run);
          return MetricQueries.summaries(handle, run);
        });
  }

  /** The same of many runs in one go; runs without metrics, or that are not there, are left out. */
  public Map<RunId, List<MetricSummary>> getSummaries(Collection<RunId> runs) {
    return read(handle -> MetricQueries.summaries(handle, runs));
  }

  /**
   * The last value that each of these runs logged, of whatever metric, at the cost of one point a
   * metric; runs without metrics, or that are not there, are left out.
   */
  public Map<RunId, LastValue> getLastValues(Collection<RunId> runs) {
    return read(handle -> LastValueQueries.of(handle, runs));
  }

  /** All points of a run by metric and in the order of logging, without superseded ones. */
  public List<MetricPoint> getMetrics(RunId run) {
    return read(
        handle -> {
          RunQueries.existing(handle, run);
          return MetricQueries.points(handle, run.value());
        });
  }

  /**
   * The points of one metric in the order of logging, without superseded ones.
   *
   * @throws MetricNotFoundException when the run never logged it
   */
  public List<MetricPoint> getMetrics(RunId run, String metric) {
    return read(
        handle -> {
          MetricQueries.require(handle, RunQueries.existing(handle, run), metric);
          return MetricQueries.points(handle, run.value(), metric);
        });
  }

  /**
   * Visits the points of one metric in the order of logging, without superseded ones, however many
   * there are: a page of them is in memory at a time, and no state of the database is held while
   * the visitor takes its time. What is logged after the call began is left out.
   *
   * @throws MetricNotFoundException when the run never logged it
   */
  public void forEachPoint(RunId run, String metric, Consumer<MetricPoint> visitor) {
    List<PointPages> stretches =
        read(
            handle -> {
              MetricQueries.require(handle, RunQueries.existing(handle, run), metric);
              return PointPages.of(handle, run, metric);
            });
    for (PointPages pages : stretches) {
      new Pages<MetricPoint>(
              last -> read(handle -> pages.after(handle, last.map(MetricPoint::seq).orElse(-1L))))
          .forEachRemaining(visitor);
    }
  }

  /**
   * The last points of one metric in the order of logging, at a cost of those alone.
   *
   * @throws MetricNotFoundException when the run never logged it
   */
  public List<MetricPoint> getLastMetrics(RunId run, String metric, int limit) {
    return read(
        handle -> {
          MetricQueries.require(handle, RunQueries.existing(handle, run), metric);
          return MetricQueries.lastPoints(handle, run.value(), metric, limit);
        });
  }

  /**
   * One metric of a run reduced to at most {@code width} buckets; holds no point in memory.
   *
   * @throws MetricNotFoundException when the run never logged it
   */
  public Curve getCurve(RunId run, String metric, int width) {
    return read(
        handle -> {
          MetricQueries.require(handle, RunQueries.existing(handle, run), metric);
          return CurveQueries.curve(handle, run, metric, width);
        });
  }

  /**
   * The curves of the first metrics of a run by name, as {@link #getCurve} gives each, at the cost
   * of one pass over their points.
   *
   * @param metrics at most so many
   */
  public Map<String, Curve> getCurves(RunId run, int metrics, int width) {
    return read(
        handle -> {
          RunQueries.existing(handle, run);
          List<MetricSummary> all = MetricQueries.summaries(handle, run);
          return CurveQueries.curves(
              handle, run, all.subList(0, Math.min(metrics, all.size())), width);
        });
  }

  /** The log calls of a run in the order of logging, without superseded points. */
  public List<LogCall> getRunMetrics(RunId run) {
    return read(
        handle -> {
          RunQueries.existing(handle, run);
          return MetricQueries.logCalls(handle, run.value());
        });
  }

  /**
   * Runs side by side: final and best values, total epochs, and where their configurations differ.
   * Best is the smallest value where the name looks like a loss ({@link Optimum#of}).
   *
   * @param runs the runs; one that comes twice is shown once
   * @param forOthers which end is the good one of metrics that do not look like a loss
   */
  public RunComparison compareRuns(List<RunId> runs, Optimum forOthers) {
    return read(handle -> Comparison.of(handle, runs, forOthers));
  }

  /**
   * The runs with the best values of a metric, best first, as many as the filter allows; of equal
   * ones the oldest run first. NaN is never best, and runs that logged nothing else are left out.
   *
   * @throws MetricNotFoundException when no run ever logged it
   */
  public List<BestRun> bestRuns(String metric, Optimum optimum, RunFilter filter) {
    return read(handle -> BestQueries.best(handle, metric, optimum, filter));
  }

  /**
   * Visits the same, however many there are: the runs are read a page at a time, in the order that
   * they had when the call began.
   *
   * @throws MetricNotFoundException when no run ever logged it
   */
  public void forEachBest(
      String metric, Optimum optimum, RunFilter filter, Consumer<BestRun> visitor) {
    List<BestQueries.Found> order =
        read(handle -> BestQueries.ranked(handle, metric, optimum, filter));
    for (int from = 0; from < order.size(); from += PAGE) {
      List<BestQueries.Found> some = order.subList(from, Math.min(order.size(), from + PAGE));
      read(handle -> BestQueries.runs(handle, metric, optimum, some)).forEach(visitor);
    }
  }

  /** How many runs {@link #bestRuns} would give without a limit. */
  public long countBest(String metric, RunFilter filter) {
    return read(handle -> BestQueries.count(handle, metric, filter));
  }

  /**
   * The run with the best value of a metric; empty when all values are NaN.
   *
   * @throws MetricNotFoundException when no run ever logged it
   */
  public Optional<BestRun> bestRun(String metric, Optimum optimum) {
    return bestRuns(metric, optimum, RunFilter.newest(1)).stream().findFirst();
  }

  /**
   * What went wrong, newest first: the errors that were logged, and the ends of attempts that
   * failed without one. Read as {@link #forEachError} reads them.
   *
   * @param run of this run only
   * @param since at this instant or later
   * @param limit at most so many
   */
  public List<RunError> getErrors(Optional<RunId> run, Optional<Instant> since, int limit) {
    List<RunError> errors = new ArrayList<>();
    forEachError(run, since, limit, errors::add);
    return List.copyOf(errors);
  }

  /**
   * Visits what went wrong, newest first, however much it is: a page of it is in memory at a time,
   * and no state of the database is held while the visitor takes its time.
   *
   * @param run of this run only
   * @param since at this instant or later
   * @param limit at most so many
   */
  public void forEachError(
      Optional<RunId> run, Optional<Instant> since, int limit, Consumer<RunError> visitor) {
    new ErrorPages(this::read, since, limit).forEach(run, visitor);
  }

  /**
   * Visits the newest of what went wrong in each run, newest first; read as {@link #forEachError}
   * reads it. The ids of these runs are kept meanwhile.
   *
   * @param since at this instant or later
   * @param limit at most so many
   */
  public void forEachLastError(Optional<Instant> since, int limit, Consumer<RunError> visitor) {
    new ErrorPages(this::read, since, limit).forLastOfEach(visitor);
  }

  /** How many runs {@link #forEachLastError} would visit without a limit. */
  public long countRunsWithErrors(Optional<Instant> since) {
    return read(handle -> ErrorQueries.countRuns(handle, since));
  }

  /** The artifacts of a run, oldest first. */
  public List<Artifact> getArtifacts(RunId run) {
    return read(
        handle -> {
          RunQueries.existing(handle, run);
          return FactQueries.artifacts(handle, run.value());
        });
  }

  /** The results of a run, oldest first. */
  public List<RunResults> getResults(RunId run) {
    return read(
        handle -> {
          RunQueries.existing(handle, run);
          return FactQueries.results(handle, run.value());
        });
  }

  /**
   * SLURM jobs, those of the newest attempts first.
   *
   * @param run of this run only
   * @param since started (or submitted) at this instant or later
   * @param limit at most so many
   */
  public List<SlurmJob> getSlurmJobs(Optional<RunId> run, Optional<Instant> since, int limit) {
    List<SlurmJob> jobs = new ArrayList<>();
    forEachSlurmJob(run, since, limit, jobs::add);
    return List.copyOf(jobs);
  }

  /**
   * Visits SLURM jobs, those of the newest attempts first, however many there are: those of one run
   * as of one moment, those of all runs a page at a time.
   *
   * @param run of this run only
   * @param since started (or submitted) at this instant or later
   * @param limit at most so many
   */
  public void forEachSlurmJob(
      Optional<RunId> run, Optional<Instant> since, int limit, Consumer<SlurmJob> visitor) {
    if (run.isPresent()) {
      RunId id = run.get();
      read(handle -> {
            RunQueries.existing(handle, id);
            return FactQueries.jobsOf(handle, id, since, limit);
          })
          .forEach(visitor);
      return;
    }
    int page = Math.min(limit, PAGE);
    limited(
        new Pages<SlurmJob>(last -> read(handle -> FactQueries.jobs(handle, since, last, page))),
        limit,
        visitor);
  }

  /**
   * Runs one statement of a user that only reads, as of one moment. It can change nothing and write
   * no file, whatever it says.
   *
   * @throws IllegalArgumentException when it is no statement, several, or not one that only reads
   * @throws LedgerUnavailableException when SQLite refuses it; rows may have been taken before
   */
  public void sql(String statement, SqlRows rows) {
    ReadingStatement reading = ReadingStatement.of(statement);
    read(
        handle -> {
          try {
            reading.run(handle.getConnection(), rows);
            return statement;
          } catch (SQLException e) {
            // Not to be tried again on a new generation: some rows may be with the caller already.
            throw connections.unavailable(e);
          }
        });
  }

  /** Closes the idle connections; calls that run end undisturbed. */
  @Override
  public void close() {
    connections.close();
  }
}
