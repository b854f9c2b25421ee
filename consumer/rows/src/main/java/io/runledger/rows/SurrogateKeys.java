package io.runledger.rows;

/**
 * Keys that mean something inside one database alone, taken from it in blocks and given in
 * ascending order. Not thread-safe.
 */
public final class SurrogateKeys {

  /** The block of a database that has one writer: all keys from the first one on. */
  public static final long ALL = Long.MAX_VALUE;

  private final Statements statements;
  private final String selectFirst;
  private final long block;
  private long next;
  private long left;

  /**
   * @param selectFirst what finds the first key of the next block that nobody has
   * @param block keys in a block
   */
  public SurrogateKeys(Statements statements, String selectFirst, long block) {
    this.statements = statements;
    this.selectFirst = selectFirst;
    this.block = block;
  }

  long next() {
    if (left == 0) {
      next = statements.first(selectFirst, row -> row.getLong(1)).orElseThrow();
      left = block;
    }
    left--;
    return next++;
  }

  /** Asks the database again, because it went back to an earlier state. */
  void forget() {
    left = 0;
  }
}
