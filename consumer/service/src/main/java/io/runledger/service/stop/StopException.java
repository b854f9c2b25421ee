package io.runledger.service.stop;

/**
 * Why the service, a rebuild or a verification does not continue by itself: a sentence that says
 * what was found, where, and which command helps. Trying again without doing something changes
 * nothing.
 */
public abstract sealed class StopException extends RuntimeException
    permits PositionException,
        RetentionException,
        GroupInUseException,
        TakenOverException,
        LogUnreadableException,
        DamagedDatabaseException {

  private static final long serialVersionUID = 1L;

  StopException(String sentence) {
    super(sentence);
  }

  StopException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
