package io.runledger.query.report;

import io.runledger.config.Counted;
import io.runledger.query.format.ErrorCells;
import io.runledger.query.format.Json;
import io.runledger.query.format.Numbers;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.StatusRules;
import io.runledger.query.format.Times;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.report.Block.Chart;
import io.runledger.query.report.Block.Charts;
import io.runledger.query.report.Block.Code;
import io.runledger.query.report.Block.Fact;
import io.runledger.query.report.Block.Facts;
import io.runledger.query.report.Block.Grid;
import io.runledger.query.report.Block.Head;
import io.runledger.query.report.Block.Heading;
import io.runledger.query.report.Block.Line;
import io.runledger.query.report.Block.Notice;
import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.LogGap;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.SlurmJob;
import io.runledger.query.runs.StatusClaim;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The report of one run: status and evidence, configuration, metrics, and what came of it. */
final class RunReport {

  /** Of a list that may be long, as much as a report holds. */
  private static final int SHOWN = 100;

  private static final Times TIMES = Times.UTC;

  private final List<Block> blocks = new ArrayList<>();
  private final RunDetails details;
  private final Map<String, Curve> curves;
  private final Instant now;

  private RunReport(RunDetails details, Map<String, Curve> curves, Instant now) {
    this.details = details;
    this.curves = curves;
    this.now = now;
  }

  static List<Block> of(RunDetails details, Map<String, Curve> curves, Instant now) {
    RunReport report = new RunReport(details, curves, now);
    report.head();
    report.loss();
    report.metrics();
    report.config();
    report.results();
    report.errors();
    report.evidence();
    report.artifacts();
    report.jobs();
    return report.blocks;
  }

  private void head() {
    Run run = details.run();
    String status = RunCells.status(run);
    String who = run.statusSource().map(source -> "said by the " + source.word()).orElse("");
    String why =
        run.statusReason().filter(reason -> !status.contains(reason)).map(r -> ": " + r).orElse("");
    blocks.add(new Head(run.label(), status, (who + why).replaceFirst("^: ", "")));
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("id", run.id() + " (run_id " + run.id().value() + ")"));
    fact(facts, "run key", run.key().map(RunKey::displayName));
    fact(facts, "project", run.project());
    fact(facts, "started", run.startedAt().map(at -> TIMES.text(at) + " UTC"));
    fact(facts, "finished", run.finishedAt().map(at -> TIMES.text(at) + " UTC"));
    fact(
        facts, run.status().isEnd() ? "took" : "running for", Optional.of(RunCells.took(run, now)));
    details.attempts().stream()
        .reduce((older, newer) -> newer)
        .ifPresent(last -> where(facts, last));
    fact(facts, "tags", Optional.of(String.join(", ", run.tags())));
    fact(facts, "notes", run.notes());
    fact(facts, "report of", Optional.of(TIMES.text(now) + " UTC"));
    blocks.add(new Facts(facts));
  }

  private static void where(List<Fact> facts, Attempt attempt) {
    fact(facts, "host", attempt.host());
    fact(facts, "user", attempt.user());
    fact(facts, "command", attempt.command());
    boolean dirty = attempt.gitDirty().orElse(false);
    fact(
        facts,
        "git commit",
        attempt.gitCommit().map(commit -> commit + (dirty ? " (modified)" : "")));
  }

  private static void fact(List<Fact> facts, String name, Optional<String> value) {
    value.filter(text -> !text.isBlank()).ifPresent(text -> facts.add(new Fact(name, text)));
  }

  private void loss() {
    Run run = details.run();
    if (run.missingEvents() > 0) {
      blocks.add(
          new Notice(
              Counted.of(run.missingEvents(), "event")
                  + " missing: known to exist, not arrived when this was written."));
    }
    details
        .dropped()
        .forEach(
            dropped ->
                blocks.add(
                    new Notice(
                        "%s of %s dropped by the job: %s"
                            .formatted(
                                Counted.of(dropped.count(), "event"),
                                dropped.topic(),
                                dropped.reason()))));
    if (!details.logGaps().isEmpty()) {
      long records = details.logGaps().stream().mapToLong(LogGap::records).sum();
      blocks.add(
          new Notice(
              "%,d records of all runs were lost from the log and accepted; some may have been of this run."
                  .formatted(records)));
    }
    if (run.configDrift()) {
      blocks.add(new Notice("The configuration changed between attempts; the first is shown."));
    }
  }

  private void metrics() {
    if (details.metrics().isEmpty()) {
      return;
    }
    blocks.add(new Heading("Metrics"));
    blocks.add(
        new Charts(
            details.metrics().stream()
                .filter(metric -> curves.containsKey(metric.name()))
                .map(
                    metric ->
                        new Chart(
                            metric.name(), List.of(new Line("", 0, curves.get(metric.name())))))
                .toList()));
    Grid grid = Grid.of("Metric", "#Points", "#NaN", "Min", "Max", "Last");
    for (MetricSummary metric : details.metrics()) {
      grid.row(
          metric.name(),
          "%,d".formatted(metric.count()),
          metric.nanCount() == 0 ? "" : "%,d".formatted(metric.nanCount()),
          metric.min().map(RunCells::at).orElse(""),
          metric.max().map(RunCells::at).orElse(""),
          RunCells.at(metric.last()));
    }
    blocks.add(grid);
    if (curves.size() < details.metrics().size()) {
      blocks.add(
          new Notice(
              "The curves of the first %d metrics by name are drawn, of %d."
                  .formatted(curves.size(), details.metrics().size())));
    }
  }

  private void config() {
    Optional<String> config = details.run().config().filter(text -> !text.equals("{}"));
    if (config.isPresent()) {
      blocks.add(new Heading("Configuration"));
      blocks.add(new Code("", Json.indented(config.get()), false));
    }
  }

  private void results() {
    List<RunResults> results = details.results();
    if (!results.isEmpty()) {
      blocks.add(new Heading("Results"));
      some(results)
          .forEach(
              one ->
                  blocks.add(
                      new Code(TIMES.orUnknown(one.at()), Json.indented(one.results()), false)));
    }
  }

  private void errors() {
    List<RunError> errors = details.errors();
    if (errors.isEmpty()) {
      return;
    }
    blocks.add(new Heading("Errors"));
    boolean first = true;
    for (RunError error : some(errors)) {
      String step = error.step().isPresent() ? ", step " + error.step().getAsLong() : "";
      String what = ErrorCells.line(error).lines().findFirst().orElse("");
      String line = TIMES.orUnknown(error.at()) + step + "  " + what;
      blocks.add(new Code(line, error.traceback().orElse("(no traceback)"), !first));
      first = false;
    }
  }

  private void evidence() {
    blocks.add(new Heading("Why this status"));
    for (Attempt attempt : details.attempts()) {
      List<Fact> facts = new ArrayList<>();
      String rule = attempt.statusRule().orElse("nothing");
      facts.add(
          new Fact(
              "attempt " + Base32.encode(attempt.attemptId()),
              attempt.status().word() + " because " + StatusRules.sentence(rule)));
      fact(facts, "started", attempt.startedAt().map(at -> TIMES.text(at) + " UTC"));
      fact(facts, "host", attempt.host());
      if (attempt.resumedFromStep().isPresent()) {
        facts.add(new Fact("resumed from step", "" + attempt.resumedFromStep().getAsLong()));
      }
      facts.add(
          new Fact(
              "last heartbeat",
              attempt.lastHeartbeatAt().map(at -> TIMES.text(at) + " UTC").orElse("none came")));
      blocks.add(new Facts(facts));
    }
    Grid grid = Grid.of("Time (UTC)", "Attempt", "Said by", "Status", "#Exit code", "Reason");
    for (StatusClaim claim : details.claims()) {
      grid.row(
          TIMES.text(claim.at()),
          Base32.encode(claim.attemptId()),
          claim.source().word(),
          claim.status().word(),
          claim.exitCode().isPresent() ? "" + claim.exitCode().getAsInt() : "",
          claim.reason().orElse(""));
    }
    add(grid);
  }

  private void artifacts() {
    Grid grid = Grid.of("Type", "File", "#Size", "SHA-256", "Metadata");
    for (Artifact artifact : some(details.artifacts())) {
      grid.row(
          artifact.type(),
          artifact.filepath(),
          artifact.sizeBytes().isPresent() ? Numbers.bytes(artifact.sizeBytes().getAsLong()) : "",
          artifact.sha256().orElse(""),
          artifact.metadata().map(RunReport::cut).orElse(""));
    }
    if (!grid.rows().isEmpty()) {
      blocks.add(new Heading("Artifacts"));
      add(grid);
    }
  }

  /** A list of packages has thousands of characters. */
  private static String cut(String metadata) {
    return metadata.length() > 200 ? metadata.substring(0, 200) + "…" : metadata;
  }

  private void jobs() {
    Grid grid =
        Grid.of(
            "Job",
            "State",
            "Reason",
            "Nodes",
            "Partition",
            "Requested",
            "Allocated",
            "Ended (UTC)");
    for (SlurmJob job : some(details.jobs())) {
      grid.row(
          job.label(),
          job.state().orElse(""),
          job.reason().filter(reason -> !reason.equals("None")).orElse(""),
          job.nodes().orElse(""),
          job.partition().orElse(""),
          job.requested().orElse(""),
          job.allocated().orElse(""),
          job.finishedAt().map(TIMES::text).orElse(""));
    }
    if (!grid.rows().isEmpty()) {
      blocks.add(new Heading("SLURM jobs"));
      add(grid);
    }
  }

  private void add(Grid grid) {
    if (!grid.rows().isEmpty()) {
      blocks.add(grid);
    }
  }

  private <T> List<T> some(List<T> all) {
    if (all.size() > SHOWN) {
      blocks.add(new Notice("%,d of %,d are shown.".formatted(SHOWN, all.size())));
    }
    return all.subList(0, Math.min(SHOWN, all.size()));
  }
}
