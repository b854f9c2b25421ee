package io.runledger.client;

import io.runledger.schemas.RunId;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run that begins under an unnamed wrapper records about the wrapper's own run
 * (deploy/docs/decisions/0040 has the reasons). Never throws. Thread-safe.
 */
final class Takeover {

  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

  private final Operating operating;

  /** Opens a run for an operator's change of it. */
  interface Operating {
    OperatedRun operate(RunId run, OptionalLong newestAttempt) throws IOException;
  }

  Takeover(Operating operating) {
    this.operating = operating;
  }

  /** Whether this process is the first to begin a run under the wrapper. */
  static boolean isFirst(UnnamedAttempt above) {
    try {
      return above.isFirst();
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn(
          "Cannot record that a named run replaces run {} ({}); both are shown.",
          above.run(),
          e.toString());
      return false;
    }
  }

  /** Notes that a run has begun there, and hides or shows the wrapper's own. */
  void begunBelow(UnnamedAttempt above, RunHandle run, boolean isNamed) {
    try {
      UnnamedAttempt.News news =
          isNamed ? above.takenBy(run.runId(), run.attemptId()) : above.sharedBy(run.attemptId());
      if (news == UnnamedAttempt.News.HIDDEN) {
        try (OperatedRun wrapper = wrapper(above)) {
          wrapper.delete(
              Optional.of("its command started run " + run.runId() + ", which took its place"));
        }
      }
      if (news == UnnamedAttempt.News.SHOWN_AGAIN
          || (news == UnnamedAttempt.News.HIDDEN && above.isMoreThanOne())) {
        try (OperatedRun wrapper = wrapper(above)) {
          wrapper.restore(Optional.of("its command is more than one run"));
        }
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn(
          "Run {} is shown separately from run {}: {}", above.run(), run.runId(), e.toString());
    }
  }

  private OperatedRun wrapper(UnnamedAttempt above) throws IOException {
    return operating.operate(above.run(), OptionalLong.of(above.attempt()));
  }
}
