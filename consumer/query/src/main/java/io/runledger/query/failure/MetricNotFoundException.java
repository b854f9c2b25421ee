package io.runledger.query.failure;

import io.runledger.config.ExitCoded;
import io.runledger.config.ExitCodes;
import io.runledger.config.Printable;
import java.util.List;

/** A metric of this name was never logged; the message names near ones. */
public final class MetricNotFoundException extends LedgerException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  /** With the names {@code known} where it was looked for. */
  public MetricNotFoundException(String where, String name, List<String> known) {
    super(
        where
            + " '"
            + Printable.word(name)
            + "'"
            + (known.isEmpty() ? "; no metric was logged at all." : NearNames.hint(name, known)));
  }

  @Override
  public int exitCode() {
    return ExitCodes.NOT_FOUND;
  }
}
