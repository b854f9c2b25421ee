package io.runledger.stack;

/** A child could not bind a port: another process took it after it was chosen. */
final class PortTakenException extends StackFailedException {

  private static final long serialVersionUID = 1L;

  PortTakenException(String message) {
    super(message);
  }
}
