package io.runledger.web.health;

import io.runledger.query.overview.LedgerState.Position;
import io.runledger.web.health.ServiceQuestion.Answer;
import io.runledger.web.health.SpoolFiles.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is to be made of what database, spool and service say.
 *
 * @param status ok, behind or unwell
 * @param detail why it is unwell, or why nobody knows
 * @param lagSeconds for how long something has waited to be applied; empty where nobody knows
 */
record Judgement(String status, Optional<String> detail, Optional<Double> lagSeconds) {

  /** Of a database that is filled from files of this machine. */
  static Judgement ofFiles(SpoolFiles spool, List<Position> positions, Waiting waiting) {
    return of(
        Optional.empty(),
        spool.isOf(positions) ? Optional.of(waiting.seconds()) : Optional.empty());
  }

  /**
   * Of a database that a service fills from topics.
   *
   * @param said what its service says; empty where nobody answers
   */
  static Judgement ofTopics(Optional<Answer> said, Instant now) {
    return of(
        said.filter(answer -> !answer.isHealthy())
            .map(answer -> String.join(" ", answer.reasons())),
        said.flatMap(answer -> lag(answer, now)));
  }

  /** Of a database of which only others could say how it does. */
  static Judgement unknown(String why) {
    return new Judgement("ok", Optional.of(why), Optional.empty());
  }

  private static Judgement of(Optional<String> trouble, Optional<Double> lag) {
    boolean isBehind = lag.filter(seconds -> seconds > 0).isPresent();
    return new Judgement(trouble.isPresent() ? "unwell" : isBehind ? "behind" : "ok", trouble, lag);
  }

  /** While something waits, as long as nothing was applied. */
  private static Optional<Double> lag(Answer said, Instant now) {
    if (said.lag().isEmpty()) {
      return Optional.empty();
    }
    return said.lag().values().stream().allMatch(behind -> behind == 0)
        ? Optional.of(0.0)
        : said.lastApplied().map(last -> Math.max(0, Duration.between(last, now).toMillis()) / 1e3);
  }
}
