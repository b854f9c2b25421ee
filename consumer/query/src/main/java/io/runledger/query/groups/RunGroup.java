package io.runledger.query.groups;

import io.runledger.query.filter.Value;
import java.util.List;
import java.util.Optional;

/**
 * All runs that match and have the same values of some fields, with one value of a metric each. NaN
 * and infinities are counted and are in no other number: a mean with them would say nothing of the
 * others.
 *
 * @param key the values, one a field; empty where the runs have none. Numbers that are equal are
 *     one, also where one was written as 1 and the other as 1.0. Of a field of which a run has
 *     several, such as its tags, each is a key, and the run is in the group of each
 * @param runs how many there are
 * @param failed how many of them ended as failed or timeout
 * @param without how many of them have no such value
 * @param nan how many of them have NaN
 * @param infinite how many of them have an infinity
 * @param statistics of the values of all others
 */
public record RunGroup(
    List<Optional<Value>> key,
    long runs,
    long failed,
    long without,
    long nan,
    long infinite,
    Statistics statistics) {

  public RunGroup {
    key = List.copyOf(key);
  }
}
