package io.runledger.fold.projection;

/** Another process writes this database; there is only one writer, always. */
public final class ProjectionInUseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ProjectionInUseException(String message) {
    super(message);
  }

  public ProjectionInUseException(String message, Throwable cause) {
    super(message, cause);
  }
}
