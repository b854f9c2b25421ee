package io.runledger.fold.store;

import java.util.Set;
import java.util.SortedSet;

/**
 * Keeps several writers of one store from folding events of the same run at the same time. Mostly a
 * run has one writer, because all its events are in partitions of one number; when partitions are
 * added its number changes, and what was sent before may still be read by another writer.
 */
public interface RunGuard {

  /**
   * Keeps all other writers away from some runs until the transaction ends, and notes that this one
   * had them last.
   *
   * @param runs in their order, in which every writer locks them: so nobody waits in a circle
   * @return those that another writer had last: what this one has in memory of them is not what is
   *     stored
   */
  Set<Long> take(SortedSet<Long> runs);
}
