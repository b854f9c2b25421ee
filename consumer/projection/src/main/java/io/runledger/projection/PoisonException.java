package io.runledger.projection;

/**
 * An event that cannot be applied, whatever was applied before, or some rows of it: its record is a
 * dead letter.
 */
final class PoisonException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String reason;
  private final transient Fold.Counts otherRows;

  PoisonException(String reason, String detail) {
    this(reason, detail, Fold.NOTHING);
  }

  /**
   * @param otherRows what was applied of the record nevertheless
   */
  PoisonException(String reason, String detail, Fold.Counts otherRows) {
    super(detail);
    this.reason = reason;
    this.otherRows = otherRows;
  }

  Fold.Counts otherRows() {
    return otherRows;
  }

  String reason() {
    return reason;
  }
}
