package io.runledger.fold.projection;

/** A projection that was only to be read does not give what is asked. */
public final class ProjectionUnreadableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ProjectionUnreadableException(String sentence) {
    super(sentence);
  }

  public ProjectionUnreadableException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
