package io.runledger.service.stop;

/**
 * The log is not the one that the stored positions belong to, or no longer holds what follows them.
 */
public final class PositionException extends StopException {

  private static final long serialVersionUID = 1L;

  public PositionException(String sentence) {
    super(sentence);
  }
}
