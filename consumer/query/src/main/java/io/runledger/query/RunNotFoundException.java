package io.runledger.query;

/** No run fits what was looked for. */
public final class RunNotFoundException extends LedgerException {

  private static final long serialVersionUID = 1L;

  RunNotFoundException(String sentence) {
    super(sentence);
  }
}
