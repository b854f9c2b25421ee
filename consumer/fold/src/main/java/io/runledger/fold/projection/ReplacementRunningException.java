package io.runledger.fold.projection;

/** Two rebuilds of one projection would clear away each other's work. */
public final class ReplacementRunningException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ReplacementRunningException(String sentence) {
    super(sentence);
  }

  public ReplacementRunningException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
