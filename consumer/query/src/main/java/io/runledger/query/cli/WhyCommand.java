package io.runledger.query.cli;

import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.RunDocument;
import io.runledger.query.format.StatusRules;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.SlurmJob;
import io.runledger.query.runs.StatusClaim;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger why RUN}: the evidence behind a run's status. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Show why a run has its status: for each attempt, what the job said, what the wrapper saw, what SLURM"
          + " said, what the heartbeat says, and which rule decided.",
    },
    footer = {"", "Example:", "  runledger why 0k3f"})
public final class WhyCommand extends ReadVerb {

  @Parameters(index = "0", paramLabel = "RUN", description = RunHelp.RUN)
  private String run;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Mixin private TimeOptions zone;

  /** Made by picocli. */
  public WhyCommand() {}

  @Override
  protected void answer(Ledger ledger) {
    RunId id = find(ledger, run);
    RunDetails details = ledger.details(id);
    if (json) {
      Json.print(out(), new RunDocument(zone.times()).evidence(details));
      return;
    }
    String name = details.run().name().map(text -> "  " + Printable.name(text)).orElse("");
    out().printf("%s%s%n%s%n", id, name, RunCells.status(details.run()));
    Map<Long, List<StatusClaim>> claims =
        details.claims().stream().collect(Collectors.groupingBy(StatusClaim::attemptId));
    Map<Long, List<SlurmJob>> jobs =
        details.jobs().stream().collect(Collectors.groupingBy(SlurmJob::attemptId));
    for (Attempt attempt : details.attempts()) {
      out().println();
      print(
          attempt,
          claims.getOrDefault(attempt.attemptId(), List.of()),
          jobs.getOrDefault(attempt.attemptId(), List.of()));
    }
  }

  private void print(Attempt attempt, List<StatusClaim> claims, List<SlurmJob> jobs) {
    String where = attempt.host().map(host -> " on " + Printable.line(host)).orElse("");
    String when = attempt.startedAt().map(at -> ", started " + zone.times().text(at)).orElse("");
    out().printf("attempt %s%s%s%n", Base32.encode(attempt.attemptId()), where, when);
    String rule = attempt.statusRule().orElse("nothing");
    line(attempt.status().word(), "because " + StatusRules.sentence(rule));
    claims.forEach(claim -> line(claim.source().word(), said(claim)));
    jobs.forEach(job -> line("SLURM", said(job)));
    line("heartbeat", heartbeat(attempt, Instant.now()));
  }

  private void line(String who, String what) {
    out().printf("  %-10s %s%n", who, what);
  }

  private String said(StatusClaim claim) {
    String code = claim.exitCode().isPresent() ? ", exit code " + claim.exitCode().getAsInt() : "";
    String why = claim.reason().map(reason -> " (" + Printable.line(reason) + ")").orElse("");
    return zone.times().text(claim.at()) + "  " + claim.status().word() + code + why;
  }

  private String said(SlurmJob job) {
    StringBuilder text = new StringBuilder("job " + job.label());
    if (!job.cluster().isEmpty()) {
      text.append(" on ").append(Printable.line(job.cluster()));
    }
    if (job.restartCount().orElse(0) > 0) {
      text.append(", restart ").append(job.restartCount().getAsLong());
    }
    text.append(": ")
        .append(job.state().map(Printable::line).orElse("SLURM was not asked about it"));
    job.reason()
        .filter(reason -> !reason.equals("None"))
        .ifPresent(reason -> text.append(" (").append(Printable.line(reason)).append(')'));
    if (job.exitCode().isPresent() || job.exitSignal().isPresent()) {
      text.append(", exit code ").append(job.exitCode().orElse(0));
      text.append(job.exitSignal().orElse(0) > 0 ? ":" + job.exitSignal().getAsInt() : "");
    }
    job.finishedAt().ifPresent(at -> text.append(", ended ").append(zone.times().text(at)));
    return text.toString();
  }

  private String heartbeat(Attempt attempt, Instant now) {
    Optional<Instant> last = attempt.lastHeartbeatAt();
    if (last.isEmpty()) {
      return "none has arrived";
    }
    long due = attempt.heartbeatSeconds().orElse(0);
    boolean silent =
        !attempt.status().isEnd() && now.isAfter(last.get().plusSeconds(Math.max(1, 3 * due)));
    return "last %s, every %d s%s"
        .formatted(
            zone.times().text(last.get()),
            due,
            silent ? "; silent since then: dead or disconnected" : "");
  }
}
