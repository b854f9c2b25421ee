package io.runledger.query.cli;

import io.runledger.config.DatabaseLocation.File;
import io.runledger.config.ExitCodes;
import io.runledger.query.Ledger;
import io.runledger.query.failure.LedgerException;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Runs all read verbs on the database that one of them has just read, and throws away what they
 * say. For a process whose classes are kept for those after it: it should have met all that they
 * need. Changes nothing, and draws no long curve.
 */
public final class ClassArchiveWarmup {

  private static final int AMONG = 20;
  private static final long FEW_POINTS = 100_000;

  private final String database;
  private int failed;

  private ClassArchiveWarmup(Path database) {
    this.database = database.toString();
  }

  /**
   * Warms up.
   *
   * @param command the command that was executed; when it is not a read verb of a file, nothing is
   *     done
   * @return how many verbs had no answer
   */
  public static int after(Object command) {
    if (!(command instanceof ReadVerb verb && verb.database() instanceof File file)) {
      return 0;
    }
    ClassArchiveWarmup warmup = new ClassArchiveWarmup(file.path());
    try (Ledger ledger = Ledger.open(file.path())) {
      warmup.all(ledger);
    } catch (LedgerException e) {
      // The verb itself had its answer.
      warmup.failed++;
    }
    return warmup.failed;
  }

  private void all(Ledger ledger) {
    run(new ListCommand(), "--limit", "3");
    run(new ListCommand(), "--limit", "1", "--json");
    run(new ListCommand(), "--limit", "1", "--csv");
    run(new ErrorsCommand(), "--limit", "1");
    run(new JobsCommand(), "--limit", "1");
    run(new SqlCommand(), "SELECT run_name, status FROM runs", "--limit", "1");
    smallRun(ledger)
        .ifPresent(
            id -> {
              String run = id.toString();
              run(new ShowCommand(), run);
              run(new ShowCommand(), run, "--json");
              run(new WhyCommand(), run);
              run(new CompareCommand(), run, run);
              run(new MetricsCommand(), run);
              ledger.summaries(id).stream().findFirst().ifPresent(one -> metric(run, one));
            });
  }

  /** Among the newest runs one with few points, because some verbs draw its curves. */
  private static Optional<RunId> smallRun(Ledger ledger) {
    List<RunId> newest = ledger.runs(RunFilter.newest(AMONG)).stream().map(Run::id).toList();
    Map<RunId, List<MetricSummary>> summaries = ledger.summaries(newest);
    return newest.stream()
        .filter(
            run ->
                summaries.getOrDefault(run, List.of()).stream()
                        .mapToLong(MetricSummary::count)
                        .sum()
                    <= FEW_POINTS)
        .findFirst();
  }

  private void metric(String run, MetricSummary metric) {
    run(new MetricsCommand(), run, metric.name(), "--limit", "1");
    run(new MetricsCommand(), run, metric.name(), "--limit", "1", "--csv");
    run(new BestCommand(), metric.name(), "--limit", "1");
    run(new GroupsCommand(), "--by", "status", "--metric", metric.name());
  }

  private void run(ReadVerb verb, String... words) {
    PrintWriter nobody = new PrintWriter(Writer.nullWriter());
    CommandLine line = new CommandLine(verb).setOut(nobody).setErr(nobody);
    List<String> all = Stream.concat(Stream.of(words), Stream.of("--db", database)).toList();
    failed += line.execute(all.toArray(String[]::new)) == ExitCodes.OK ? 0 : 1;
  }
}
