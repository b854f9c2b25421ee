package io.runledger.agent.slurm;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * How squeue is asked, and what it answers.
 *
 * <p>Text, because the JSON of squeue ignores every filter before 24.05. The name comes last, since
 * a name may hold the separator. Times are epochs, by SLURM_TIME_FORMAT.
 */
final class Squeue {

  private static final String FORMAT = "%A|%F|%K|%T|%r|%V|%S|%e|%l|%N|%P|%a|%q|%j";
  private static final int FIELDS = 14;

  /** The user's settings that would change the answer are removed, and the times are epochs. */
  static final Map<String, String> ENVIRONMENT = Map.of("SLURM_TIME_FORMAT", "%s");

  private Squeue() {}

  /**
   * The command that asks for these jobs.
   *
   * <p>Never for a single id: if SLURM has forgotten it, squeue fails, while of several ids it
   * leaves the forgotten ones out. An id that appears twice is enough.
   */
  static List<String> command(Collection<Long> jobIds) {
    List<Long> asked = new ArrayList<>(jobIds);
    if (asked.size() == 1) {
      asked.add(asked.get(0));
    }
    String ids = asked.stream().map(String::valueOf).collect(Collectors.joining(","));
    return List.of("squeue", "-h", "-t", "all", "-j", ids, "-o", FORMAT);
  }

  /**
   * The jobs of an answer. Lines that are not an answer, such as a plugin's warnings, are left out.
   */
  static List<SlurmJob> parse(String answer) {
    List<SlurmJob> jobs = new ArrayList<>();
    for (String line : answer.lines().toList()) {
      String[] fields = line.split("\\|", FIELDS);
      OptionalLong jobId = fields.length == FIELDS ? Words.number(fields[0]) : OptionalLong.empty();
      if (jobId.isPresent() && !isRestOfAnArray(fields[2])) {
        jobs.add(job(jobId.getAsLong(), fields));
      }
    }
    return jobs;
  }

  /** Tasks that have not started share a line, and an id that will be the last one's. */
  private static boolean isRestOfAnArray(String tasks) {
    return Words.number(tasks).isEmpty() && !Words.text(tasks).isEmpty();
  }

  private static SlurmJob job(long jobId, String[] fields) {
    OptionalLong task = Words.number(fields[2]);
    return new SlurmJob(
        jobId,
        // For a job that is not a task, squeue prints the job's own id here.
        task.isPresent() ? Words.number(fields[1]) : OptionalLong.empty(),
        task,
        fields[3].strip(),
        Words.text(fields[4]),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Words.instant(fields[5], ZoneOffset.UTC),
        Words.instant(fields[6], ZoneOffset.UTC),
        Words.instant(fields[7], ZoneOffset.UTC),
        Words.seconds(fields[8]),
        Words.text(fields[9]),
        Words.text(fields[10]),
        Words.text(fields[11]),
        Words.text(fields[12]),
        fields[13].strip(),
        Map.of(),
        Map.of());
  }
}
