package io.runledger.query.failure;

import io.runledger.config.ExitCoded;
import io.runledger.config.ExitCodes;

/** There is no database where one was named. */
public final class LedgerNotFoundException extends LedgerException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  public LedgerNotFoundException(String sentence) {
    super(sentence);
  }

  @Override
  public int exitCode() {
    return ExitCodes.NOT_FOUND;
  }
}
