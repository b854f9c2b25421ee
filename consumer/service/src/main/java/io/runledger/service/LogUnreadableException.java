package io.runledger.service;

/**
 * The topics cannot be read as they are: one is missing, access is denied, or the client library is
 * unfit.
 */
public final class LogUnreadableException extends StopException {

  private static final long serialVersionUID = 1L;

  LogUnreadableException(String sentence) {
    super(sentence);
  }

  LogUnreadableException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
