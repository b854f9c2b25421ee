package io.runledger.fold.projection;

/**
 * The database cannot be used now (busy, full, unreadable): no verdict on any record. Try again.
 */
public final class ProjectionUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ProjectionUnavailableException(String message) {
    super(message);
  }

  public ProjectionUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
