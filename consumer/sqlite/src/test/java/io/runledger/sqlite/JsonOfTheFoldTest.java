package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.ReadableJson;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What the fold lets into a column of JSON, the functions of SQLite can read. */
class JsonOfTheFoldTest {

  private static Connection connection;

  @BeforeContainer
  static void open() throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite::memory:");
  }

  @AfterContainer
  static void close() throws SQLException {
    connection.close();
  }

  /** Pieces of JSON, and what looks like them, in any order: now and then it is JSON. */
  @Provide
  Arbitrary<String> nearlyJson() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"a\"",
            "\"\\u00e9\"",
            "\\",
            "\\ud83d",
            "\\udd25",
            "\\x41",
            "0",
            "-0",
            "01",
            "1.",
            ".5",
            "1e400",
            "1e",
            "+1",
            "NaN",
            "Infinity",
            "true",
            "nul",
            "null",
            " ",
            "\n",
            "\t",
            "\f",
            "\u00a0",
            "\u0001",
            "\u0000",
            "\ufeff",
            "'a'",
            "a",
            "//",
            "/* */",
            "\u2028",
            "\ud83d\udd25",
            "0x1F",
            "9223372036854775808");
    return piece.list().ofMaxSize(7).map(pieces -> String.join("", pieces));
  }

  @Property(tries = 3_000)
  void whatTheFoldTakesForJsonSqliteCanRead(@ForAll("nearlyJson") String text) throws SQLException {
    String stored = ReadableJson.of(text);

    assertThat(sql("SELECT json_valid(?)", stored)).as(stored).isEqualTo("1");
    if (!stored.equals(text)) {
      assertThat(sql("SELECT json_extract(?, '$')", stored))
          .isEqualTo(text.replace('\0', '\ufffd'));
    }
  }

  /** Databases of before hold what SQLite quoted, and a rebuild must give the same bytes. */
  @Property(tries = 3_000)
  void whatIsNotJsonIsQuotedAsSqliteQuotesIt(@ForAll("nearlyJson") String text)
      throws SQLException {
    String stored = ReadableJson.of(text);

    if (!stored.equals(text)) {
      assertThat(stored).isEqualTo(sql("SELECT json_quote(?)", text.replace('\0', '\ufffd')));
    }
  }

  @Example
  void allControlCharactersAreQuotedAsSqliteQuotesThem() throws SQLException {
    StringBuilder text = new StringBuilder("x");
    for (char c = 1; c < 0xa1; c++) {
      text.append(c);
    }

    assertThat(ReadableJson.of(text.toString()))
        .isEqualTo(sql("SELECT json_quote(?)", text.toString()));
  }

  private static String sql(String query, String parameter) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, parameter);
      try (ResultSet row = statement.executeQuery()) {
        return row.getString(1);
      }
    }
  }
}
