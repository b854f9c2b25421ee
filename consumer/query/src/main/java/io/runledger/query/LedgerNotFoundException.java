package io.runledger.query;

/** There is no database where one was named. */
public final class LedgerNotFoundException extends LedgerException {

  private static final long serialVersionUID = 1L;

  LedgerNotFoundException(String sentence) {
    super(sentence);
  }
}
