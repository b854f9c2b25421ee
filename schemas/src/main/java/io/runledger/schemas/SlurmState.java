package io.runledger.schemas;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a state word of SLURM means. Unknown words pass through and mean nothing.
 *
 * @param word the word, without what may follow it, as in {@code CANCELLED by 1000}
 */
public record SlurmState(String word) {

  private static final Set<String> ENDED_BADLY =
      Set.of(
          "BOOT_FAIL",
          "CANCELLED",
          "DEADLINE",
          "FAILED",
          "LAUNCH_FAILED",
          "NODE_FAIL",
          "OUT_OF_MEMORY",
          "PREEMPTED",
          "REVOKED",
          "TIMEOUT");

  private static final Set<String> REQUEUED =
      Set.of("REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT");

  /** The word that SLURM wrote, in whatever case, with whatever behind it. */
  public static SlurmState of(String written) {
    return new SlurmState(written.strip().split("[ +]", 2)[0].toUpperCase(Locale.ROOT));
  }

  /** The status that a run has when its job ended in this way; empty when this is not a bad end. */
  public Optional<RunStatus> badEnd() {
    if (!ENDED_BADLY.contains(word)) {
      return Optional.empty();
    }
    boolean outOfTime = word.equals("TIMEOUT") || word.equals("DEADLINE");
    return Optional.of(outOfTime ? RunStatus.TIMEOUT : RunStatus.FAILED);
  }

  /** Whether the job waits for its next start. */
  public boolean isRequeued() {
    return REQUEUED.contains(word);
  }

  /** Whether nothing follows for this start of the job. */
  public boolean isEnd() {
    return word.equals("COMPLETED") || badEnd().isPresent() || isRequeued();
  }
}
