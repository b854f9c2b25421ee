package io.runledger.query.cli;

import io.runledger.config.Counted;
import io.runledger.config.Printable;
import io.runledger.query.LocalSpool;
import io.runledger.query.format.DisplayWidth;
import io.runledger.query.format.ErrorCells;
import io.runledger.query.format.Json;
import io.runledger.query.format.Numbers;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Screen;
import io.runledger.query.format.Sparkline;
import io.runledger.query.format.StatusColors;
import io.runledger.query.format.TextTable;
import io.runledger.query.format.Times;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.LastValue;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.LogGap;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.SlurmJob;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunKey;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The page of one run, for people. */
final class RunPageText {

  /** Of a list that may be long, as much as a page holds. */
  private static final int SHOWN = 20;

  /** A list of packages has thousands of characters; {@code --json} has all of them. */
  private static final int LONGEST_METADATA = 200;

  private final PrintWriter out;
  private final LocalSpool spool;
  private final Times times;

  RunPageText(PrintWriter out, LocalSpool spool, Times times) {
    this.out = out;
    this.spool = spool;
    this.times = times;
  }

  void print(RunPage page) {
    RunDetails details = page.details();
    Instant now = page.readAt();
    Run run = details.run();
    Optional<Attempt> newest = details.attempts().stream().reduce((older, newer) -> newer);
    field("id", run.id() + " (run_id " + run.id().value() + ")");
    field("name", run.name().map(Printable::name));
    field("run key", run.key().map(RunKey::displayName));
    field("project", run.project().map(Printable::name));
    String status = Printable.line(status(run));
    line("status", Screen.hasColors() ? StatusColors.of(status) : status);
    field("created", run.createdAt().map(times::text));
    if (run.attempts() > 1) {
      field("started", run.startedAt().map(times::text));
    }
    field(
        "finished",
        run.finishedAt()
            .map(
                at ->
                    times.text(at)
                        + " (took "
                        + Numbers.between(run.startedAt(), run.finishedAt())
                        + ")"));
    newest.ifPresent(this::whereItRan);
    if (!run.status().isEnd()) {
      field("running for", run.startedAt().map(at -> Numbers.age(at, now)));
    }
    field("last value", details.lastValue().map(last -> lastValue(run, last, now)));
    if (!run.status().isEnd()) {
      boolean silent = run.silentSince(now).isPresent();
      field(
          "last heartbeat",
          run.lastHeartbeatAt()
              .map(
                  at ->
                      "%s (%s ago%s)"
                          .formatted(
                              times.text(at),
                              Numbers.age(at, now),
                              silent ? ", silent since then" : "")));
    }
    field("tags", run.tags().stream().map(Printable::name).collect(Collectors.joining(", ")));
    field("notes", run.notes());
    loss(details);
    attempts(details.attempts());
    config(details);
    metrics(page);
    results(details.results());
    artifacts(details.artifacts());
    jobs(details.jobs());
    errors(run, details.errors());
  }

  /** {@code step 300 at 2026-11-23 14:30:05 (12s ago)}. */
  private String lastValue(Run run, LastValue last, Instant now) {
    String where = RunCells.step(last);
    String step =
        last.step().isPresent()
            ? "step " + where + " at "
            : where.equals("-") ? "" : where + " at ";
    String age = run.status().isEnd() ? "" : " (" + Numbers.age(last.at(), now) + " ago)";
    return step + times.text(last.at()) + age;
  }

  /** {@code timeout, reported by the scheduler: TIMEOUT}. */
  private static String status(Run run) {
    String who = run.statusSource().map(source -> ", reported by the " + source.word()).orElse("");
    String status = RunCells.status(run);
    String why =
        run.statusReason()
            .filter(reason -> !status.contains(reason))
            .map(reason -> ": " + reason)
            .orElse("");
    return status + who + why;
  }

  private void whereItRan(Attempt attempt) {
    String pid = attempt.pid().isPresent() ? ", process " + attempt.pid().getAsLong() : "";
    field("host", attempt.host().map(host -> host + pid));
    field("user", attempt.user());
    field("command", attempt.command());
    boolean dirty = attempt.gitDirty().orElse(false);
    field("git commit", attempt.gitCommit().map(commit -> commit + (dirty ? " (modified)" : "")));
  }

  /** What is not there, before anything that it may have touched. */
  private void loss(RunDetails details) {
    details
        .gaps()
        .forEach(
            gap ->
                field(
                    "MISSING",
                    "%d events of %s, writer %s; arrived: %s. %s"
                        .formatted(
                            gap.missing(),
                            gap.topic(),
                            Base32.encode(gap.writerId()),
                            gap.seen(),
                            spool.whereabouts(gap.writerId()))));
    if (!details.logGaps().isEmpty()) {
      long records = details.logGaps().stream().mapToLong(LogGap::records).sum();
      field(
          "LOG GAPS",
          "%,d records of all runs were lost from the log and accepted (table gaps); some may have been of this run"
              .formatted(records));
    }
    details
        .dropped()
        .forEach(
            dropped ->
                field(
                    "DROPPED",
                    "%s for %s: %s"
                        .formatted(
                            Counted.of(dropped.count(), "event"),
                            dropped.topic(),
                            dropped.reason())));
    if (details.run().configDrift()) {
      field("DRIFT", drift(details));
    }
  }

  private static String drift(RunDetails details) {
    Optional<String> first = details.run().config();
    boolean betweenAttempts =
        details.attempts().stream()
            .anyMatch(attempt -> attempt.configDrift() && !attempt.config().equals(first));
    return betweenAttempts
        ? "a later attempt had a different configuration; --json shows both"
        : "an attempt was given two values for one entry, for example by --set and by the job; the table start_configs has both";
  }

  private void attempts(List<Attempt> attempts) {
    if (attempts.size() < 2) {
      return;
    }
    TextTable table =
        new TextTable()
            .words("ATTEMPT")
            .statuses("STATUS")
            .texts("REASON")
            .words("STARTED")
            .numbers("TOOK")
            .texts("HOST")
            .numbers("FROM STEP")
            .numbers("UP TO STEP");
    for (Attempt attempt : attempts) {
      table.row(
          Base32.encode(attempt.attemptId()),
          attempt.status().word(),
          attempt.statusReason().orElse(""),
          times.minute(attempt.startedAt()),
          Numbers.between(attempt.startedAt(), attempt.finishedAt()),
          attempt.host().orElse("-"),
          Numbers.orDash(attempt.resumedFromStep()),
          attempt.supersededFromStep().isPresent()
              ? Long.toString(attempt.supersededFromStep().getAsLong() - 1)
              : "-");
    }
    section("attempts", table);
  }

  private void config(RunDetails details) {
    details
        .run()
        .config()
        .filter(config -> !config.equals("{}"))
        .ifPresent(
            config -> {
              title("configuration");
              block(Json.indented(config));
            });
    details.attempts().stream()
        .filter(attempt -> attempt.configTruncatedBytes() > 0)
        .findFirst()
        .ifPresent(
            attempt ->
                out.println("  (" + attempt.configTruncatedBytes() + " bytes were cut off)"));
    Set<String> masked = new TreeSet<>();
    details.attempts().forEach(attempt -> masked.addAll(attempt.maskedKeys()));
    if (!masked.isEmpty()) {
      out.println("  (masked as secrets: " + Printable.line(String.join(", ", masked)) + ")");
    }
  }

  private void metrics(RunPage page) {
    List<MetricSummary> metrics = page.details().metrics();
    int shown = Math.min(RunPage.METRICS_DRAWN, metrics.size());
    TextTable table = metricTable();
    metrics.subList(0, shown).forEach(metric -> table.row(metricRow(metric, page.curves())));
    section("metrics", table);
    if (metrics.size() > shown) {
      out.printf(
          "  and %,d more; 'runledger metrics %s' lists them%n",
          metrics.size() - shown, page.details().run().id());
    }
  }

  static TextTable metricTable() {
    return new TextTable()
        .texts("METRIC")
        .numbers("POINTS")
        .words("MIN")
        .words("MAX")
        .words("LAST")
        .words("CURVE");
  }

  static List<String> metricRow(MetricSummary metric, Map<String, Curve> curves) {
    String points =
        metric.count() + (metric.nanCount() > 0 ? " (" + metric.nanCount() + " NaN)" : "");
    return List.of(
        Printable.name(metric.name()),
        points,
        metric.min().map(RunCells::at).orElse("-"),
        metric.max().map(RunCells::at).orElse("-"),
        RunCells.at(metric.last()),
        Optional.ofNullable(curves.get(metric.name())).map(Sparkline::of).orElse(""));
  }

  private void results(List<RunResults> results) {
    if (results.size() > 1) {
      title("summary");
      block(Json.indented(RunJson.summary(results).toString()));
    }
    for (RunResults one : results.subList(0, Math.min(SHOWN, results.size()))) {
      title("results of " + times.orUnknown(one.at()));
      block(Json.indented(one.results()));
    }
    more(results.size());
  }

  private void artifacts(List<Artifact> artifacts) {
    TextTable table =
        new TextTable()
            .words("TYPE")
            .texts("FILE")
            .numbers("SIZE")
            .words("SHA-256")
            .texts("METADATA");
    for (Artifact artifact : artifacts.subList(0, Math.min(SHOWN, artifacts.size()))) {
      table.row(
          artifact.type(),
          artifact.filepath(),
          artifact.sizeBytes().isPresent() ? Numbers.bytes(artifact.sizeBytes().getAsLong()) : "-",
          artifact.sha256().map(hash -> DisplayWidth.cut(hash, 13)).orElse("-"),
          DisplayWidth.cut(artifact.metadata().orElse(""), LONGEST_METADATA));
    }
    section("artifacts", table);
    more(artifacts.size());
  }

  private void jobs(List<SlurmJob> jobs) {
    TextTable table = JobsCommand.table(times);
    jobs.subList(0, Math.min(SHOWN, jobs.size()))
        .forEach(job -> table.row(JobsCommand.row(job, times)));
    section("SLURM jobs", table);
    more(jobs.size());
  }

  private void errors(Run run, List<RunError> errors) {
    if (errors.isEmpty()) {
      return;
    }
    title("errors");
    for (RunError error : errors.subList(0, Math.min(SHOWN, errors.size()))) {
      String line = "  " + times.orUnknown(error.at()) + "  " + ErrorCells.line(error);
      out.println(
          DisplayWidth.cut(Printable.line(line), Screen.columns().orElse(Integer.MAX_VALUE)));
    }
    more(errors.size());
    out.println("  'runledger errors " + run.id() + "' prints the tracebacks.");
  }

  private void more(int size) {
    if (size > SHOWN) {
      out.println("  and " + (size - SHOWN) + " more; --json has all");
    }
  }

  private void field(String name, Optional<String> value) {
    value.ifPresent(text -> field(name, text));
  }

  private void field(String name, String value) {
    if (!value.isEmpty()) {
      line(name, Printable.line(value));
    }
  }

  private void line(String name, String printable) {
    out.printf("%-15s %s%n", name, printable);
  }

  private void section(String name, TextTable table) {
    if (!table.isEmpty()) {
      title(name);
      table.print(out, "  ");
    }
  }

  private void title(String name) {
    out.println();
    out.println(name);
  }

  private void block(String text) {
    Printable.lines(text).lines().forEach(line -> out.println("  " + line));
  }
}
