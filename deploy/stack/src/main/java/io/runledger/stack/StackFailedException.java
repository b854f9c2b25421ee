package io.runledger.stack;

/** The local stack could not be started; the message says which part, why and where its log is. */
public class StackFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  StackFailedException(String message) {
    super(message);
  }

  StackFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
