package io.runledger.fold;

import io.runledger.fold.batch.BatchResult;

/**
 * An event that cannot be applied, whatever was applied before, or some rows of it: its record is a
 * dead letter.
 */
public final class PoisonException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String reason;
  private final transient BatchResult otherRows;

  public PoisonException(String reason, String detail) {
    this(reason, detail, BatchResult.NOTHING);
  }

  /**
   * @param otherRows what was applied of the record nevertheless
   */
  public PoisonException(String reason, String detail, BatchResult otherRows) {
    super(WithoutNul.of(detail));
    this.reason = reason;
    this.otherRows = otherRows;
  }

  public BatchResult otherRows() {
    return otherRows;
  }

  public String reason() {
    return reason;
  }
}
