package io.runledger.agent.slurm;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** How sacct is asked, and what it answers: the accounting of sites that run slurmdbd. */
final class Sacct {

  /** The name last: it may hold the separator. */
  private static final String FORMAT =
      "JobIDRaw,JobID,State,ExitCode,DerivedExitCode,Submit,Start,End,TimelimitRaw,Reason,NodeList,"
          + "Partition,Account,QOS,ReqTRES,AllocTRES,JobName";

  private static final int FIELDS = 17;

  /** Times as epochs; the user's SACCT_FORMAT must not reach sacct. */
  static final Map<String, String> ENVIRONMENT = Map.of("SLURM_TIME_FORMAT", "%s");

  private Sacct() {}

  /**
   * The command that asks for these jobs: whole jobs, without steps, and each start of a requeued
   * one.
   */
  static List<String> command(Collection<Long> jobIds) {
    String ids = jobIds.stream().map(String::valueOf).collect(Collectors.joining(","));
    return List.of("sacct", "-X", "-n", "-P", "--duplicates", "-j", ids, "-o", FORMAT);
  }

  /**
   * The jobs of an answer, with each start of a requeued one, oldest first, as sacct lists them.
   */
  static List<SlurmJob> parse(String answer) {
    List<SlurmJob> jobs = new ArrayList<>();
    for (String line : answer.lines().toList()) {
      String[] fields = line.split("\\|", FIELDS);
      OptionalLong jobId = fields.length == FIELDS ? Words.number(fields[0]) : OptionalLong.empty();
      if (jobId.isPresent()) {
        jobs.add(job(jobId.getAsLong(), fields));
      }
    }
    return jobs;
  }

  private static SlurmJob job(long jobId, String[] fields) {
    String[] array = fields[1].split("_", 2);
    OptionalLong task = array.length == 2 ? Words.number(array[1]) : OptionalLong.empty();
    OptionalLong minutes = Words.number(fields[8]);
    return new SlurmJob(
        jobId,
        task.isPresent() ? Words.number(array[0]) : OptionalLong.empty(),
        task,
        fields[2].strip(),
        Words.text(fields[9]),
        Words.exitCode(fields[3]),
        Words.exitSignal(fields[3]),
        Words.exitCode(fields[4]),
        Words.instant(fields[5], ZoneOffset.UTC),
        Words.instant(fields[6], ZoneOffset.UTC),
        Words.instant(fields[7], ZoneOffset.UTC),
        minutes.isPresent() ? OptionalLong.of(minutes.getAsLong() * 60) : OptionalLong.empty(),
        Words.text(fields[10]),
        Words.text(fields[11]),
        Words.text(fields[12]),
        Words.text(fields[13]),
        fields[16].strip(),
        Words.resources(fields[14]),
        Words.resources(fields[15]));
  }
}
