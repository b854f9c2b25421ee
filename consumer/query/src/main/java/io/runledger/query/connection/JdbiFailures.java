package io.runledger.query.connection;

import java.sql.SQLException;
import org.jdbi.v3.core.JdbiException;

/** What is behind the query library's exceptions. */
public final class JdbiFailures {

  private JdbiFailures() {}

  /**
   * The store's own exception.
   *
   * @throws JdbiException itself, when no store raised it: a mistake of ours
   */
  public static SQLException cause(JdbiException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
    }
    throw e;
  }
}
