package io.runledger.projection;

/** An event that cannot be applied, whatever was applied before: its record is a dead letter. */
final class PoisonException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String reason;

  PoisonException(String reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
