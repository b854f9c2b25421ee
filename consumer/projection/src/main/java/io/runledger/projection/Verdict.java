package io.runledger.projection;

import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.util.List;
import java.util.Optional;

/**
 * The status of an attempt, and whose word decided it.
 *
 * @param status the status
 * @param reason why, null when nobody said
 * @param source who said so, null when nobody did
 * @param exitCode exit code of the process, null when nobody said
 * @param finishedMicros when it ended, null while it has not
 */
record Verdict(
    RunStatus status, String reason, String source, Integer exitCode, Long finishedMicros) {

  /** What somebody said about a status, as it is stored. */
  record StatusChange(
      long attemptId,
      long atMicros,
      String status,
      Integer exitCode,
      String reason,
      String source) {

    private RunStatus parsedStatus() {
      return RunStatus.ofWord(status).orElseThrow();
    }

    private boolean isFrom(StatusSource who) {
      return who.word().equals(source);
    }

    private boolean isBadEnd() {
      return parsedStatus() == RunStatus.FAILED || parsedStatus() == RunStatus.TIMEOUT;
    }
  }

  /**
   * Decides. An operator's correction beats all; else a bad end that was observed from outside
   * beats what the job claimed, the scheduler's before the wrapper's; else the last claim counts.
   *
   * @param started whether the attempt's start has come
   * @param changes what was said about the attempt, by writer and seq
   */
  static Verdict of(boolean started, List<StatusChange> changes) {
    Optional<StatusChange> deciding =
        last(changes.stream().filter(change -> change.isFrom(StatusSource.OPERATOR)).toList())
            .or(() -> lastBadEnd(changes, StatusSource.SCHEDULER))
            .or(() -> lastBadEnd(changes, StatusSource.WRAPPER))
            .or(() -> last(changes));
    if (deciding.isEmpty()) {
      return new Verdict(started ? RunStatus.RUNNING : RunStatus.PENDING, null, null, null, null);
    }
    StatusChange change = deciding.get();
    Integer exitCode =
        Optional.ofNullable(change.exitCode())
            .or(
                () ->
                    last(changes.stream().filter(other -> other.exitCode() != null).toList())
                        .map(StatusChange::exitCode))
            .orElse(null);
    return new Verdict(
        change.parsedStatus(),
        change.reason(),
        change.source(),
        exitCode,
        change.parsedStatus().isEnd() ? change.atMicros() : null);
  }

  private static Optional<StatusChange> lastBadEnd(List<StatusChange> changes, StatusSource who) {
    return last(
        changes.stream().filter(change -> change.isFrom(who) && change.isBadEnd()).toList());
  }

  private static Optional<StatusChange> last(List<StatusChange> changes) {
    return changes.isEmpty() ? Optional.empty() : Optional.of(changes.get(changes.size() - 1));
  }
}
