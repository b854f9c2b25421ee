package io.runledger.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys from one database, however many take them. */
class SurrogateKeysTest {

  /** Gives the first key of a block of three, as a sequence does that is never taken back. */
  private static final String NEXT_BLOCK =
      "UPDATE sequence SET given = given + 3 RETURNING given - 2";

  private Connection connection;
  private Statements statements;

  @BeforeEach
  void makeASequence() throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite::memory:");
    statements = new Statements(connection, new NoRefusals());
    statements.update("CREATE TABLE sequence (given INTEGER NOT NULL)");
    statements.update("INSERT INTO sequence VALUES (0)");
  }

  @AfterEach
  void close() throws SQLException {
    statements.close();
    connection.close();
  }

  @Test
  void twoThatTakeBlocksInTurnNeverGetTheSameKey() {
    SurrogateKeys one = new SurrogateKeys(statements, NEXT_BLOCK, 3);
    SurrogateKeys other = new SurrogateKeys(statements, NEXT_BLOCK, 3);

    List<Long> keys = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      keys.add(one.next());
      keys.add(other.next());
    }

    assertThat(keys).containsExactly(1L, 4L, 2L, 5L, 3L, 6L, 7L, 10L);
  }

  @Test
  void theOnlyWriterAsksOnceUntilTheDatabaseWentBack() {
    SurrogateKeys keys =
        new SurrogateKeys(statements, "SELECT given + 1 FROM sequence", SurrogateKeys.ALL);

    assertThat(keys.next()).isEqualTo(1);
    statements.update("UPDATE sequence SET given = 7");
    assertThat(keys.next()).isEqualTo(2);
    keys.forget();

    assertThat(keys.next()).isEqualTo(8);
  }
}
