package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Deliveries;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.rows.Transactions;
import io.runledger.sqlite.file.Database;
import io.runledger.sqlite.file.Durability;
import io.runledger.sqlite.file.Generation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a transaction keeps from everybody else. */
class TransactionsTest {

  @TempDir private Path directory;

  @Test
  void theRightToWriteIsHeldFromTheFirstStatementOn() throws SQLException {
    Path database = directory.resolve("runledger.db");
    try (SqliteProjection projection = SqliteProjection.open(database);
        Connection other = impatient(projection.generation().file())) {
      Generation generation = projection.generation();
      try (Connection own = Database.open(generation, Durability.LIVE)) {
        Transactions transactions = new Transactions(new SqliteWriter(own, generation), () -> {});
        transactions.run(
            "look and then write",
            () -> {
              // Had somebody written between these two, SQLite would refuse the second at once.
              Database.text(own, "SELECT count(*) FROM projection_info");
              assertThatThrownBy(
                      () -> Database.execute(other, "DELETE FROM projection_info WHERE name = ''"))
                  .isInstanceOfSatisfying(
                      SQLiteException.class,
                      e -> assertThat(e.getResultCode()).isEqualTo(SQLiteErrorCode.SQLITE_BUSY));
              Database.execute(own, "INSERT INTO projection_info (name, value) VALUES ('a', 'b')");
              return "done";
            });
      }
    }
  }

  @Test
  void aTriggerThatRefusesAPositionIsTheDatabasesTroubleAndNoRecordIsToBlame() throws SQLException {
    Path database = directory.resolve("runledger.db");
    try (SqliteProjection projection = SqliteProjection.open(database);
        Connection other = impatient(projection.generation().file());
        Statement statement = other.createStatement()) {
      statement.execute(
          "CREATE TRIGGER refuse BEFORE INSERT ON positions BEGIN SELECT raise(ABORT, 'not today'); END");

      assertThatThrownBy(() -> Deliveries.claimed(projection))
          .isInstanceOf(ProjectionUnavailableException.class)
          .hasMessageContaining("cannot claim positions")
          .hasMessageContaining("not today");
    }
  }

  private static Connection impatient(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(0);
    return config.createConnection("jdbc:sqlite:" + file);
  }
}
