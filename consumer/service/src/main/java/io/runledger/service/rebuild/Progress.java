package io.runledger.service.rebuild;

import io.runledger.fold.batch.BatchResult;

/** Hears how far a rebuild or a verification has come; called after every transaction. */
@FunctionalInterface
public interface Progress {

  /**
   * Says how far it is.
   *
   * @param done offsets read of all partitions together
   * @param total offsets that there are to read
   * @param soFar what became of them
   */
  void at(long done, long total, BatchResult soFar);
}
