package io.runledger.service;

/** Another writer has taken over this database or this group membership. */
public final class TakenOverException extends StopException {

  private static final long serialVersionUID = 1L;

  TakenOverException(String sentence) {
    super(sentence);
  }

  TakenOverException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
