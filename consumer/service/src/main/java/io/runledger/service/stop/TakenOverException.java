package io.runledger.service.stop;

/** Another writer has taken over this database or this group membership. */
public final class TakenOverException extends StopException {

  private static final long serialVersionUID = 1L;

  TakenOverException(String sentence) {
    super(sentence);
  }

  public TakenOverException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
