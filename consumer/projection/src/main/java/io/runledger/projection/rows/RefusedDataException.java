package io.runledger.projection.rows;

import io.runledger.fold.PoisonException;
import java.sql.SQLException;

/** Some of the data at hand cannot be stored; the database itself works. Never leaves this room. */
public final class RefusedDataException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RefusedDataException(Exception cause) {
    super(cause);
  }

  /** As what becomes of the one record that it is about. */
  PoisonException poison() {
    return new PoisonException(
        getCause() instanceof SQLException ? "unstorable" : "unfoldable",
        "It cannot be applied: " + getCause());
  }
}
