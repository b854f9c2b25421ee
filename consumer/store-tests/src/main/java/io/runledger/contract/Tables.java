package io.runledger.contract;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Reads a database as its users do: by SQL, on a separate connection. */
public final class Tables {

  private Tables() {}

  /**
   * Each row as its values joined by "|", NULL as the word; so is NaN, because a store without NaN
   * has NULL in its place.
   */
  public static List<String> rows(TestDatabase database, String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (row.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          Object value = row.getObject(i);
          values.add(Double.valueOf(Double.NaN).equals(value) ? "null" : String.valueOf(value));
        }
        rows.add(String.join("|", values));
      }
      return rows;
    }
  }

  /** The only row of a query. */
  public static String row(TestDatabase database, String sql) throws SQLException {
    List<String> rows = rows(database, sql);
    if (rows.size() != 1) {
      throw new AssertionError("Not one row but " + rows + " for " + sql);
    }
    return rows.get(0);
  }

  /** Changes something behind the writer's back. */
  public static void change(TestDatabase database, String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
