package io.runledger.query.failure;

/** The database is there but gave no answer: no database of ours, no permission, or too slow. */
public final class LedgerUnavailableException extends LedgerException {

  private static final long serialVersionUID = 1L;

  public LedgerUnavailableException(String sentence) {
    super(sentence);
  }

  public LedgerUnavailableException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
