package io.runledger.query.failure;

import io.runledger.config.ExitCoded;
import io.runledger.config.ExitCodes;
import io.runledger.schemas.RunId;
import java.util.List;

/** Several runs match; the message lists them, one per line. */
public final class AmbiguousRunException extends LedgerException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  private final transient List<RunId> candidates;

  public AmbiguousRunException(String sentence, List<RunId> candidates) {
    super(sentence);
    this.candidates = List.copyOf(candidates);
  }

  /** The runs that match, newest first; of very many only the newest. */
  public List<RunId> candidates() {
    return candidates;
  }

  @Override
  public int exitCode() {
    return ExitCodes.USAGE;
  }
}
