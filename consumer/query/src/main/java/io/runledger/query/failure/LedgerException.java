package io.runledger.query.failure;

/** Why the ledger gave no answer, as a sentence for people: control characters are taken out. */
public abstract sealed class LedgerException extends RuntimeException
    permits LedgerNotFoundException,
        LedgerUnavailableException,
        RunNotFoundException,
        AmbiguousRunException,
        MetricNotFoundException {

  private static final long serialVersionUID = 1L;

  LedgerException(String sentence) {
    super(sentence);
  }

  LedgerException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
