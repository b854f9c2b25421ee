package io.runledger.fold.store;

import io.runledger.fold.PoisonException;

/**
 * The store works and cannot hold some of the data that it was given: a number that is too large, a
 * text that is too long, a constraint.
 */
public final class RefusedDataException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String reason;

  /** What the store says of the data. */
  public RefusedDataException(Throwable cause) {
    this("unstorable", cause);
  }

  private RefusedDataException(String reason, Throwable cause) {
    super(cause);
    this.reason = reason;
  }

  /** The fold itself could not handle the data, which was not anticipated. */
  public static RefusedDataException unfoldable(RuntimeException cause) {
    return new RefusedDataException("unfoldable", cause);
  }

  /** As what becomes of the one record that it is about. */
  public PoisonException poison() {
    return new PoisonException(reason, "The record cannot be applied: " + getCause());
  }
}
