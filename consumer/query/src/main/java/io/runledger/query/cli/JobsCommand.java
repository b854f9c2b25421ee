package io.runledger.query.cli;

import io.runledger.options.Since;
import io.runledger.query.Ledger;
import io.runledger.query.format.CsvOutput;
import io.runledger.query.format.Json;
import io.runledger.query.format.Numbers;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Sheet;
import io.runledger.query.format.TextTable;
import io.runledger.query.format.Times;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.SlurmJob;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger jobs [RUN]}: the SLURM jobs that runs ran in. */
@Command(
    name = "jobs",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "List the SLURM jobs that runs ran in, those of the newest attempts first: all of them, or the first"
          + " 50 on a terminal.",
      "State and reason are SLURM's own words, as far as SLURM was asked; what the job's environment"
          + " says is next to them."
    },
    footer = {"", "Examples:", "  runledger jobs --since 1d", "  runledger jobs slurm:4700_3"})
public final class JobsCommand extends ReadVerb {

  private static final int ON_TERMINAL = 50;

  private static final List<String> TITLES =
      List.of(
          "id",
          "run_id",
          "run_name",
          "cluster",
          "slurm_job_id",
          "slurm_array_job_id",
          "slurm_array_task_id",
          "state",
          "reason",
          "exit_code",
          "exit_signal",
          "restart_count",
          "job_name",
          "nodes",
          "partition",
          "account",
          "qos",
          "submitted_at",
          "started_at",
          "finished_at",
          "time_limit_seconds");

  @Parameters(index = "0", arity = "0..1", paramLabel = "RUN", description = RunHelp.RUN)
  private Optional<String> run = Optional.empty();

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      converter = Since.class,
      description = "Only jobs that started since this time: " + Since.HELP + ".")
  private Optional<Instant> since = Optional.empty();

  @Mixin private LimitOptions limit;
  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public JobsCommand() {}

  @Override
  protected void check() {
    limit.check(this);
  }

  @Override
  protected void answer(Ledger ledger) {
    Optional<RunId> id = run.map(typed -> find(ledger, typed));
    JobFilter filter = new JobFilter(id, since, limit.rows(format, ON_TERMINAL));
    Sheet<SlurmJob> sheet = sheet();
    ledger.forEachSlurmJob(filter, sheet::row);
    long shown = sheet.end();
    if (shown == 0 && format.isText()) {
      remark("No matching run ran in a SLURM job.");
    }
    if (shown == filter.limit()) {
      remarkOmitted("jobs", shown, ledger.countSlurmJobs(filter));
    }
  }

  private Sheet<SlurmJob> sheet() {
    if (format.json()) {
      return Sheet.json(out(), Json.object(), "slurm_jobs", new RunJson(zone.times())::job);
    }
    return format.csv()
        ? Sheet.csv(out(), TITLES, this::csv)
        : Sheet.table(out(), table(zone.times()), job -> row(job, zone.times()));
  }

  static TextTable table(Times times) {
    return new TextTable()
        .words("JOB")
        .words("RUN")
        .names("NAME")
        .texts("STATE")
        .texts("REASON")
        .spare(3)
        .numbers("EXIT")
        .texts("NODES")
        .words(times.title("STARTED"))
        .spare(2)
        .numbers("TOOK")
        .numbers("RESTARTS")
        .spare(1);
  }

  static List<String> row(SlurmJob job, Times times) {
    return List.of(
        job.label(),
        job.runId().toString(),
        RunCells.name(job.runName()),
        job.state().orElse("-"),
        job.reason().orElse("-"),
        exit(job),
        job.nodes().orElse("-"),
        times.minute(job.startedAt()),
        Numbers.between(job.startedAt(), job.finishedAt()),
        Numbers.orDash(job.restartCount()));
  }

  /** As SLURM writes it: exit code and signal. */
  private static String exit(SlurmJob job) {
    if (job.exitCode().isEmpty()) {
      return "-";
    }
    return job.exitCode().getAsInt() + ":" + job.exitSignal().orElse(0);
  }

  private void csv(CsvOutput csv, SlurmJob job) {
    csv.text(job.runId().toString()).number(job.runId().value()).text(job.runName());
    csv.text(job.cluster()).number(job.jobId()).number(job.arrayJobId()).number(job.arrayTaskId());
    csv.text(job.state()).text(job.reason()).number(job.exitCode()).number(job.exitSignal());
    csv.number(job.restartCount()).text(job.jobName()).text(job.nodes()).text(job.partition());
    csv.text(job.account()).text(job.qos()).text(job.submittedAt().map(zone.times()::text));
    csv.text(job.startedAt().map(zone.times()::text))
        .text(job.finishedAt().map(zone.times()::text));
    csv.number(job.timeLimitSeconds());
  }
}
