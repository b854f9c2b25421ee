package io.runledger.service;

/** SQLite failed at something that was only to be read. */
final class UncheckedSqlException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UncheckedSqlException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
