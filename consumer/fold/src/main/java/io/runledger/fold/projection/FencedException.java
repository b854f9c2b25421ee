package io.runledger.fold.projection;

/**
 * Another writer has claimed positions that a batch was read from, or moved them on: the batch is
 * rolled back, and what was read behind them must not be applied.
 */
public final class FencedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public FencedException(String message) {
    super(message);
  }

  public FencedException(String message, Throwable cause) {
    super(message, cause);
  }
}
