package io.runledger.stack;

/** Another process already runs a stack in the data directory. */
public final class StackInUseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StackInUseException(String message) {
    super(message);
  }
}
