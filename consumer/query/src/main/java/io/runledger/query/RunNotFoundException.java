package io.runledger.query;

import io.runledger.config.ExitCoded;
import io.runledger.config.ExitCodes;

/** No run matches what was looked for. */
public final class RunNotFoundException extends LedgerException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  RunNotFoundException(String sentence) {
    super(sentence);
  }

  @Override
  public int exitCode() {
    return ExitCodes.NOT_FOUND;
  }
}
