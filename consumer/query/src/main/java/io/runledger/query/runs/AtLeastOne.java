package io.runledger.query.runs;

/** Refuses numbers that leave nothing; SQLite takes a negative limit for none. */
public final class AtLeastOne {

  private AtLeastOne() {}

  /**
   * The number.
   *
   * @throws IllegalArgumentException with a sentence when it is less than 1
   */
  public static int check(String what, int number) {
    if (number < 1) {
      throw new IllegalArgumentException(
          "The " + what + " must be at least 1, not " + number + ".");
    }
    return number;
  }
}
