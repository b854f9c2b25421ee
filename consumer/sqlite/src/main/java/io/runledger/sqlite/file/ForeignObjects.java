package io.runledger.sqlite.file;

import io.runledger.fold.projection.ProjectionUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for what somebody put into the database that can refuse, change or swallow rows of good
 * events: a trigger, a unique index or a constraint that is not ours. A database with one does not
 * work, and that is not a verdict on a record. Not thread-safe.
 */
public final class ForeignObjects {

  private final Connection connection;
  private final Generation generation;
  private long lookedAt = -1;
  private long tablesLookedAt = -1;

  public ForeignObjects(Connection connection, Generation generation) {
    this.connection = connection;
    this.generation = generation;
  }

  /**
   * Refuses to continue with a trigger or a unique index; checks only when the schema changed since
   * the last look. Other indexes and views of users are welcome.
   *
   * @throws ProjectionUnavailableException when there is one; nothing was changed
   */
  public void refuse() throws SQLException {
    long version = version();
    if (version == lookedAt) {
      return;
    }
    String trigger =
        Database.text(
            connection,
            """
            SELECT name || ' on ' || tbl_name
              FROM sqlite_schema
             WHERE type = 'trigger'
             ORDER BY name
             LIMIT 1
            """);
    if (!trigger.isEmpty()) {
      throw new ProjectionUnavailableException(
          "The trigger %s in the database %s is not Runledger's and can change or reject what is stored; nothing is applied until it is dropped (DROP TRIGGER). If it changed rows already, run 'runledger rebuild'."
              .formatted(trigger, generation.file()));
    }
    OwnSchema own = OwnSchema.of(connection);
    for (Map.Entry<String, String> index : OwnSchema.uniqueIndexes(connection).entrySet()) {
      boolean foreign = !index.getValue().equals(own.uniqueIndexes().get(index.getKey()));
      if (foreign && own.tables().containsKey(index.getValue())) {
        throw new ProjectionUnavailableException(
            "The unique index %s on %s in the database %s is not Runledger's and can reject what is stored; nothing is applied until it is dropped (DROP INDEX). An index without UNIQUE may stay."
                .formatted(index.getKey(), index.getValue(), generation.file()));
      }
    }
    lookedAt = version;
  }

  private long version() throws SQLException {
    return Long.parseLong(Database.text(connection, "PRAGMA schema_version"));
  }

  /**
   * Refuses to blame a record for a constraint of a table that somebody changed; compares only when
   * the schema changed since the last time, because of one record thousands of rows may be refused.
   *
   * @param refusal what SQLite said
   * @throws ProjectionUnavailableException when a table is not as we made it
   */
  public void refuseChangedTables(SQLException refusal) throws SQLException {
    long version = version();
    if (version == tablesLookedAt) {
      return;
    }
    Map<String, String> tables = OwnSchema.tables(connection);
    for (Map.Entry<String, String> own : OwnSchema.of(connection).tables().entrySet()) {
      String found = Optional.ofNullable(tables.get(own.getKey())).orElse("");
      if (!found.equals(own.getValue())) {
        throw new ProjectionUnavailableException(
            "The table %s of the database %s was changed, and a constraint rejects an event (%s); nothing is applied until the change is undone. 'runledger rebuild' builds the database again."
                .formatted(own.getKey(), generation.file(), refusal.getMessage()),
            refusal);
      }
    }
    tablesLookedAt = version;
  }
}
