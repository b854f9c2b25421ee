package io.runledger.fold.projection;

/** Another writer has moved the positions: this one must stop, its batch is rolled back. */
public final class FencedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public FencedException(String message) {
    super(message);
  }

  public FencedException(String message, Throwable cause) {
    super(message, cause);
  }
}
