package io.runledger.fold;

import io.runledger.schemas.RunStatus;
import io.runledger.schemas.SlurmState;
import io.runledger.schemas.StatusSource;
import java.util.List;
import java.util.Optional;

/**
 * The status of an attempt, and whose word decided it.
 *
 * @param status the status
 * @param reason why, null when not reported
 * @param source who reported it, null when nobody did
 * @param exitCode exit code of the process, null when not reported
 * @param finishedMicros when it ended, null while it has not
 * @param rule which rule decided
 */
public record Verdict(
    RunStatus status,
    String reason,
    String source,
    Integer exitCode,
    Long finishedMicros,
    String rule) {

  /**
   * A job may hold several runs: a bad end that SLURM reports later than this after a run said that
   * it was completed, is not that run's.
   */
  private static final long SAME_END_MICROS = 60_000_000;

  /** A report about a status, as it is stored. */
  public record StatusChange(
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
   * What SLURM said last of the attempt's job.
   *
   * @param exitCode its exit code, 128+n for signal n; null when it said none
   * @param endedMicros when it ended; null when it said no time
   */
  public record Observation(long attemptId, SlurmState state, Integer exitCode, Long endedMicros) {}

  /**
   * Decides. In this order: an operator's correction; a bad end that was observed from outside, the
   * scheduler's before the wrapper's, except that SLURM's plain FAILED says less than the wrapper's
   * and the job's own bad end; the end that the job claims; a good end that the wrapper saw; that
   * the process was seen to be gone; the last claim. When SLURM put the job back into its queue, a
   * bad end in between is how it was stopped.
   *
   * @param started whether the attempt's start has come
   * @param changes what was said about the attempt, by writer and seq
   * @param observations what SLURM said of its jobs, in a fixed order
   */
  public static Verdict of(
      boolean started, List<StatusChange> changes, List<Observation> observations) {
    Optional<Observation> bad =
        observations.stream()
            .filter(job -> job.state().badEnd().isPresent())
            .filter(job -> isOfThisRun(job, changes))
            .reduce((first, second) -> second);
    Optional<Observation> plain = bad.filter(job -> job.state().word().equals("FAILED"));
    Optional<Observation> telling = plain.isPresent() ? Optional.empty() : bad;
    Optional<StatusChange> claim =
        last(from(changes, StatusSource.JOB)).filter(change -> change.parsedStatus().isEnd());
    return last(from(changes, StatusSource.OPERATOR))
        .map(change -> said(change, changes, "operator"))
        .or(
            () ->
                lastBadEnd(changes, StatusSource.SCHEDULER)
                    .map(change -> said(change, changes, "scheduler")))
        .or(() -> telling.map(job -> observed(job, changes)))
        .or(() -> takenBack(changes, observations).map(job -> observed(job, changes)))
        .or(
            () ->
                lastBadEnd(changes, StatusSource.WRAPPER)
                    .map(change -> said(change, changes, "wrapper")))
        .or(() -> claim.filter(StatusChange::isBadEnd).map(end -> said(end, changes, "job")))
        .or(() -> plain.map(job -> observed(job, changes)))
        .or(() -> claim.map(end -> said(end, changes, "job")))
        .or(
            () ->
                last(from(changes, StatusSource.WRAPPER).stream()
                        .filter(change -> change.parsedStatus().isEnd())
                        .toList())
                    .map(change -> said(change, changes, "wrapper")))
        .or(
            () ->
                lastBadEnd(changes, StatusSource.OBSERVER)
                    .map(change -> said(change, changes, "observer")))
        .or(() -> last(changes).map(change -> said(change, changes, "last")))
        .orElseGet(
            () ->
                new Verdict(
                    started ? RunStatus.RUNNING : RunStatus.PENDING,
                    null,
                    null,
                    null,
                    null,
                    started ? "started" : "nothing"));
  }

  private static Optional<Observation> takenBack(
      List<StatusChange> changes, List<Observation> observations) {
    return observations.stream()
        .filter(job -> job.state().isRequeued())
        .filter(job -> !endedWell(changes) && completedClaim(changes).isEmpty())
        .reduce((first, second) -> second);
  }

  private static boolean endedWell(List<StatusChange> changes) {
    return from(changes, StatusSource.WRAPPER).stream()
        .anyMatch(change -> change.parsedStatus() == RunStatus.COMPLETED);
  }

  /** The job's last word, when it says that it was completed. */
  private static Optional<StatusChange> completedClaim(List<StatusChange> changes) {
    return last(from(changes, StatusSource.JOB))
        .filter(change -> change.parsedStatus() == RunStatus.COMPLETED);
  }

  private static boolean isOfThisRun(Observation job, List<StatusChange> changes) {
    Optional<StatusChange> claim = completedClaim(changes);
    return !endedWell(changes)
        && (claim.isEmpty()
            || job.endedMicros() == null
            || isWithin(claim.get().atMicros(), job.endedMicros()));
  }

  /** Whether the end came at most {@link #SAME_END_MICROS} after the claim, whatever the clocks. */
  private static boolean isWithin(long claimMicros, long endMicros) {
    return claimMicros > Long.MAX_VALUE - SAME_END_MICROS
        || endMicros <= claimMicros + SAME_END_MICROS;
  }

  private static Verdict said(StatusChange change, List<StatusChange> changes, String rule) {
    Integer exitCode = change.exitCode() == null ? lastExitCode(changes) : change.exitCode();
    return new Verdict(
        change.parsedStatus(),
        change.reason(),
        change.source(),
        exitCode,
        change.parsedStatus().isEnd() ? change.atMicros() : null,
        rule);
  }

  private static Verdict observed(Observation job, List<StatusChange> changes) {
    Integer exitCode = lastExitCode(changes);
    RunStatus status = job.state().badEnd().orElse(RunStatus.PENDING);
    return new Verdict(
        status,
        job.state().word(),
        StatusSource.SCHEDULER.word(),
        // An observed code says more than SLURM's, but 0 belongs to another end.
        exitCode == null || exitCode == 0 ? job.exitCode() : exitCode,
        status.isEnd() ? job.endedMicros() : null,
        "slurm");
  }

  private static Integer lastExitCode(List<StatusChange> changes) {
    return last(changes.stream().filter(change -> change.exitCode() != null).toList())
        .map(StatusChange::exitCode)
        .orElse(null);
  }

  private static List<StatusChange> from(List<StatusChange> changes, StatusSource who) {
    return changes.stream().filter(change -> change.isFrom(who)).toList();
  }

  private static Optional<StatusChange> lastBadEnd(List<StatusChange> changes, StatusSource who) {
    return last(from(changes, who).stream().filter(StatusChange::isBadEnd).toList());
  }

  private static Optional<StatusChange> last(List<StatusChange> changes) {
    return changes.isEmpty() ? Optional.empty() : Optional.of(changes.get(changes.size() - 1));
  }
}
