package io.runledger.postgres.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class TestServerTest {

  @Test
  void aDatabaseOfASharedServerIsEmptyAndItsUsers() throws SQLException {
    TestServer server = TestServer.shared();

    try (Connection connection = DriverManager.getConnection(server.emptyDatabase());
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA mine");

      ResultSet row =
          statement.executeQuery("SELECT current_user, current_setting('server_version_num')");
      row.next();
      assertThat(row.getString(1)).isEqualTo("runledger");
      assertThat(row.getInt(2)).isGreaterThanOrEqualTo(150_000);
    }
  }

  @Test
  void aSeparateServerIsKilledAndStartsAgainWithWhatWasCommitted() throws SQLException {
    try (TestServer server = TestServer.separate()) {
      String url = server.emptyDatabase();
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE kept AS SELECT 1 AS one");
        server.kill();
        assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
      }

      server.start();

      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        assertThat(statement.executeQuery("SELECT one FROM kept").next()).isTrue();
      }
    }
  }
}
