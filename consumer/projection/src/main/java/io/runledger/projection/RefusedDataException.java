package io.runledger.projection;

/** Some of the data at hand cannot be stored; the database itself works. Never leaves this room. */
final class RefusedDataException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RefusedDataException(Exception cause) {
    super(cause);
  }
}
