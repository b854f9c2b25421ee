package io.runledger.fold.run;

import io.runledger.fold.Verdict.StatusChange;
import java.util.List;

/**
 * What is stored of a run and what its row follows from.
 *
 * @param attempts in any order
 * @param jobs in any order
 * @param changes by attempt, writer and seq
 * @param annotations by speaker, writer and seq
 * @param deletions by writer and seq
 * @param dropped in any order
 */
public record RunFacts(
    List<Attempt> attempts,
    List<SlurmJob> jobs,
    List<StatusChange> changes,
    List<Annotation> annotations,
    List<Deletion> deletions,
    List<DroppedEvents> dropped) {

  static long saturatingSum(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }
}
