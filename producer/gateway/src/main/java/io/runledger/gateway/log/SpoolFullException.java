package io.runledger.gateway.log;

import java.io.IOException;

/** The spool has as much as it may have; what is sent makes room. */
public final class SpoolFullException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says which spool it is. */
  public SpoolFullException(String message) {
    super(message);
  }
}
