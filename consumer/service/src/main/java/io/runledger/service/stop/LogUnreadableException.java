package io.runledger.service.stop;

/**
 * The topics cannot be read as they are: one is missing, access is denied, or the client library is
 * unfit.
 */
public final class LogUnreadableException extends StopException {

  private static final long serialVersionUID = 1L;

  public LogUnreadableException(String sentence) {
    super(sentence);
  }

  public LogUnreadableException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
