package io.runledger.service.database;

/** SQLite failed at something that was only to be read. */
public final class UncheckedSqlException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UncheckedSqlException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
