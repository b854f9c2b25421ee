package io.runledger.gateway.log;

/** A line cannot be stored as it is, now or later: what it says is too long or no event. */
public final class NotStorableException extends Exception {
  private static final long serialVersionUID = 1L;

  NotStorableException(String message) {
    super(message);
  }
}
