package io.runledger.service.stop;

/** The topics are configured to lose records, and that was not accepted. */
public final class RetentionException extends StopException {

  private static final long serialVersionUID = 1L;

  public RetentionException(String sentence) {
    super(sentence);
  }
}
