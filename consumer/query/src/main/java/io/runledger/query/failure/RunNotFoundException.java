package io.runledger.query.failure;

import io.runledger.config.ExitCoded;
import io.runledger.config.ExitCodes;

/** No run matches what was looked for. */
public final class RunNotFoundException extends LedgerException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  public RunNotFoundException(String sentence) {
    super(sentence);
  }

  @Override
  public int exitCode() {
    return ExitCodes.NOT_FOUND;
  }
}
