package io.runledger.query.connection.postgres;

import io.runledger.config.Printable;
import io.runledger.query.connection.SqlRows;
import io.runledger.query.connection.TypedStatement;
import io.runledger.query.connection.UserStatement;
import io.runledger.query.failure.LedgerUnavailableException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One statement of a user that can only read. It runs in a transaction that is read only; that
 * leaves functions which do something nevertheless, and those are refused by their names. A
 * superuser is refused as a whole: that is whom PostgreSQL lets read and write the server's files.
 */
final class PostgresStatement implements UserStatement {

  private static final Set<String> READING = Set.of("SELECT", "WITH", "VALUES", "TABLE", "SHOW");

  /** Functions that act on other sessions, on files, or on what is outside of a transaction. */
  private static final Pattern ACTING =
      Pattern.compile(
          "SET_CONFIG|NEXTVAL|SETVAL|TS_STAT|QUERY_TO_XML.*|CURSOR_TO_XML.*|DBLINK.*|LO_.*|LOREAD|LOWRITE"
              + "|PG_(TERMINATE|CANCEL|LOG)_BACKEND.*|PG_(TRY_)?ADVISORY_.*|PG_NOTIFY|PG_READ_.*|PG_LS_.*"
              + "|PG_STAT_FILE|PG_STAT_RESET.*|PG_FILE_.*|PG_RELOAD_CONF|PG_ROTATE_.*|PG_SWITCH_.*"
              + "|PG_(CREATE|DROP|COPY|ADVANCE)_.*|PG_REPLICATION_.*|PG_LOGICAL_.*|PG_PROMOTE|PG_WAL_REPLAY_.*"
              + "|PG_BACKUP_.*|PG_IMPORT_.*|PG_PREWARM|PG_EXPORT_SNAPSHOT|PG_CURRENT_XACT_ID|TXID_CURRENT");

  private static final int ROWS_AT_ONCE = 1_000;

  private final String sql;

  private PostgresStatement(String sql) {
    this.sql = sql;
  }

  /**
   * Reads a statement as it was typed.
   *
   * @throws IllegalArgumentException when it is none, several, or not one that only reads
   */
  static PostgresStatement of(String text) {
    TypedStatement typed =
        TypedStatement.requireOne(
            text,
            PostgresTokens::of,
            PostgresStatement::onlyReads,
            "SELECT, WITH, VALUES, TABLE, EXPLAIN or SHOW");
    typed.words().stream()
        .filter(word -> word.startsWith("U&") || ACTING.matcher(word).matches())
        .findFirst()
        .ifPresent(
            word -> {
              throw new IllegalArgumentException(
                  "The statement names %s, which can do more than read; leave it out, or use psql."
                      .formatted(Printable.word(word)));
            });
    return new PostgresStatement(typed.statement());
  }

  /** Behind EXPLAIN come its options, in brackets or bare. */
  private static boolean onlyReads(List<String> words) {
    if (!words.get(0).equals("EXPLAIN")) {
      return READING.contains(words.get(0)) || words.get(0).equals("(");
    }
    int behind = 1;
    if (words.size() > 1 && words.get(1).equals("(")) {
      behind = words.indexOf(")") + 1;
    } else {
      while (behind < words.size() && Set.of("ANALYZE", "VERBOSE").contains(words.get(behind))) {
        behind++;
      }
    }
    return behind > 0 && behind < words.size() && READING.contains(words.get(behind));
  }

  @Override
  public void run(Connection connection, SqlRows rows) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      refuseSuperuser(statement);
      statement.setEscapeProcessing(false);
      statement.setFetchSize(ROWS_AT_ONCE);
      try (ResultSet found = statement.executeQuery(sql)) {
        give(found, rows);
      }
    }
  }

  private static void refuseSuperuser(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SHOW is_superuser")) {
      if (row.next() && row.getString(1).equals("on")) {
        throw new LedgerUnavailableException(
            "Statements are not run as a superuser, who may read and change the server's files; connect as a role that can only read, such as deploy/postgres/read-only-role.sql creates, or use psql.");
      }
    }
  }

  private static void give(ResultSet found, SqlRows rows) throws SQLException {
    ResultSetMetaData columns = found.getMetaData();
    int count = columns.getColumnCount();
    List<String> names = new ArrayList<>(count);
    for (int column = 1; column <= count; column++) {
      names.add(columns.getColumnLabel(column));
    }
    rows.columns(List.copyOf(names));
    boolean more = true;
    while (more && found.next()) {
      List<Optional<Object>> cells = new ArrayList<>(count);
      for (int column = 1; column <= count; column++) {
        cells.add(value(found, column));
      }
      more = rows.row(cells);
    }
  }

  /** As SQLite has it: whole numbers, others, texts; true is 1 and false 0. */
  private static Optional<Object> value(ResultSet row, int column) throws SQLException {
    Object value = row.getObject(column);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Boolean truth) {
      return Optional.of(truth ? 1L : 0L);
    }
    if (value instanceof BigDecimal decimal) {
      return Optional.of(number(decimal));
    }
    if (value instanceof Integer || value instanceof Long || value instanceof Short) {
      return Optional.of(((Number) value).longValue());
    }
    if (value instanceof Number number) {
      return Optional.of(number.doubleValue());
    }
    if (value instanceof byte[] bytes) {
      return Optional.of(HexFormat.of().formatHex(bytes));
    }
    // The server's own text of everything else: JSON, instants, lists.
    return Optional.of(row.getString(column));
  }

  /** A sum of whole numbers is a decimal there. */
  private static Object number(BigDecimal decimal) {
    if (decimal.scale() > 0 || decimal.precision() - decimal.scale() > Long.SIZE) {
      return decimal.doubleValue();
    }
    BigInteger whole = decimal.toBigIntegerExact();
    return whole.bitLength() < Long.SIZE ? (Object) whole.longValueExact() : whole.doubleValue();
  }
}
