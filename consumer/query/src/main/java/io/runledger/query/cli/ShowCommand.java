package io.runledger.query.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunJson;
import io.runledger.query.runs.DroppedEvents;
import io.runledger.query.runs.LogGap;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.StreamGap;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger show RUN}: all about one run but its points. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Show one run: its status and where that comes from, its attempts, configuration, metrics, results,"
          + " artifacts and errors, and whether events of it are missing.",
    },
    footer = {
      "",
      "Examples:",
      "  runledger show 7/mnist/cnn/s01/-/3    by run key",
      "  runledger show 0k3f                   by the first characters of its id",
      "  runledger show slurm:4711             by SLURM job, or slurm:4700_3"
    })
public final class ShowCommand extends ReadVerb {

  @Parameters(index = "0", paramLabel = "RUN", description = RunHelp.RUN)
  private String run;

  @Option(
      names = "--json",
      description =
          "Print one JSON document. NaN, Infinity and -Infinity are strings, ids are decimal strings.")
  private boolean json;

  @Mixin private TimeOptions zone;

  /** Made by picocli. */
  public ShowCommand() {}

  @Override
  protected void answer(Ledger ledger) {
    if (json) {
      Json.print(out(), json(details(ledger), spool()));
    } else {
      new RunPageText(out(), spool(), zone.times()).print(page(ledger));
    }
  }

  private RunDetails details(Ledger ledger) {
    try (Snapshot snapshot = ledger.snapshot()) {
      return snapshot.details(find(snapshot, run));
    }
  }

  private RunPage page(Ledger ledger) {
    try (Snapshot snapshot = ledger.snapshot()) {
      return RunPage.of(snapshot, find(snapshot, run));
    }
  }

  private ObjectNode json(RunDetails details, LocalSpool spool) {
    RunJson form = new RunJson(zone.times());
    ObjectNode json = Json.object();
    ObjectNode run = form.run(details.run());
    form.progress(run, details.run(), details.lastValue(), Instant.now());
    json.set("run", run);
    ArrayNode attempts = json.putArray("attempts");
    details.attempts().forEach(attempt -> attempts.add(form.attempt(attempt)));
    ArrayNode metrics = json.putArray("metrics");
    details.metrics().forEach(summary -> metrics.add(RunJson.summary(summary)));
    ArrayNode results = json.putArray("results");
    details
        .results()
        .forEach(
            one -> {
              ObjectNode entry = results.addObject();
              entry.put("attempt_id", Long.toString(one.attemptId()));
              entry.put("created_at", zone.times().orNull(one.at()));
              entry.set("results", Json.parsed(one.results()));
            });
    json.set("summary", RunJson.summary(details.results()));
    ArrayNode artifacts = json.putArray("artifacts");
    details.artifacts().forEach(artifact -> artifacts.add(form.artifact(artifact)));
    ArrayNode errors = json.putArray("errors");
    for (RunError error : details.errors()) {
      errors.add(form.error(error));
    }
    ArrayNode jobs = json.putArray("slurm_jobs");
    details.jobs().forEach(job -> jobs.add(form.job(job)));
    ArrayNode gaps = json.putArray("gaps");
    for (StreamGap gap : details.gaps()) {
      gaps.addObject()
          .put("attempt_id", Long.toString(gap.attemptId()))
          .put("writer_id", Long.toString(gap.writerId()))
          .put("topic", gap.topic())
          .put("missing", gap.missing())
          .put("seen", gap.seen())
          .put("whereabouts", spool.whereabouts(gap.writerId()));
    }
    ArrayNode logGaps = json.putArray("log_gaps");
    for (LogGap gap : details.logGaps()) {
      logGaps
          .addObject()
          .put("topic", gap.topic())
          .put("partition", gap.partition())
          .put("from_offset", gap.fromOffset())
          .put("to_offset", gap.toOffset())
          .put("reason", gap.reason());
    }
    ArrayNode dropped = json.putArray("dropped");
    for (DroppedEvents one : details.dropped()) {
      dropped
          .addObject()
          .put("attempt_id", Long.toString(one.attemptId()))
          .put("topic", one.topic())
          .put("count", one.count())
          .put("reason", one.reason());
    }
    return json;
  }
}
