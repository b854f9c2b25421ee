package io.runledger.sqlite.rows;

import java.util.OptionalLong;

/** Keys that mean something inside one database alone, given in ascending order. */
final class SurrogateKeys {

  private final Statements statements;
  private final String selectNext;
  private OptionalLong next = OptionalLong.empty();

  /**
   * @param selectNext what finds the first key that no row has
   */
  SurrogateKeys(Statements statements, String selectNext) {
    this.statements = statements;
    this.selectNext = selectNext;
  }

  long next() {
    if (next.isEmpty()) {
      next = OptionalLong.of(statements.first(selectNext, row -> row.getLong(1)).orElseThrow());
    }
    long key = next.getAsLong();
    next = OptionalLong.of(key + 1);
    return key;
  }

  /** Asks the database again, because it went back to an earlier state. */
  void forget() {
    next = OptionalLong.empty();
  }
}
