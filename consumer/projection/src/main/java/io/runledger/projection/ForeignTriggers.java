package io.runledger.projection;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Looks for triggers that somebody put into the database: we have none, and one can refuse, change
 * or swallow rows of good events without a word. Not thread-safe.
 */
final class ForeignTriggers {

  private final Connection connection;
  private final Generation generation;
  private long lookedAt = -1;

  ForeignTriggers(Connection connection, Generation generation) {
    this.connection = connection;
    this.generation = generation;
  }

  /**
   * Refuses to go on with one; looks only when the schema changed since the last look.
   *
   * @throws ProjectionUnavailableException when there is one; nothing was changed
   */
  void refuse() throws SQLException {
    long version = Long.parseLong(Database.text(connection, "PRAGMA schema_version"));
    if (version == lookedAt) {
      return;
    }
    String found =
        Database.text(
            connection,
            """
            SELECT name || ' on ' || tbl_name
              FROM sqlite_schema
             WHERE type = 'trigger'
             ORDER BY name
             LIMIT 1
            """);
    if (!found.isEmpty()) {
      throw new ProjectionUnavailableException(
          "Somebody put the trigger %s into the database %s, and it can change or refuse what is stored; nothing is applied until it is dropped (DROP TRIGGER). If it changed rows already, run 'runledger rebuild'."
              .formatted(found, generation.file()));
    }
    lookedAt = version;
  }
}
