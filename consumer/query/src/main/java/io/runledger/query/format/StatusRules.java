package io.runledger.query.format;

import java.util.Map;

/** Which rule decided a status, in words. */
public final class StatusRules {

  private static final Map<String, String> RULES =
      Map.of(
          "operator", "an operator corrected it",
          "scheduler",
              "the scheduler reported an abnormal end, which overrides what the job claims",
          "slurm", "SLURM saw how the job ended, which overrides what the job claims",
          "wrapper", "the wrapper saw how the process ended",
          "job", "the job said so, and nothing else observed its end",
          "observer", "its process is gone, and nothing reported how it ended",
          "last", "no end was reported; the last report counts",
          "started", "it started, and nothing has been reported since",
          "nothing", "its start event has not arrived yet");

  private StatusRules() {}

  /** What follows {@code because}; a rule that is not known here names itself. */
  public static String sentence(String rule) {
    return RULES.getOrDefault(rule, rule);
  }
}
