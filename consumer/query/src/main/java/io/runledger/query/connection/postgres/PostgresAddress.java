package io.runledger.query.connection.postgres;

import io.runledger.config.DatabaseLocation;
import io.runledger.query.failure.LedgerNotFoundException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Where a ledger is on a server: {@code jdbc:postgresql://HOST:PORT/DATABASE?currentSchema=NAME},
 * whose name is {@code runledger} unless it says otherwise. All other parameters are the driver's.
 * The password is the URL's, or that of PGPASSWORD, or that of the file PGPASSFILE or ~/.pgpass;
 * nothing here shows it. Immutable.
 */
final class PostgresAddress {

  private static final String DEFAULT_BASE = "runledger";

  /** The names that the service gives to ledgers; none needs quotes. */
  private static final Pattern BASE = Pattern.compile("[a-z_][a-z0-9_]{0,39}");

  private static final String CONNECT_TIMEOUT_SECONDS = "10";

  /** Rows that are fetched at once inside of a transaction, however long an answer is. */
  private static final String ROWS_AT_ONCE = "10000";

  private final String url;
  private final Properties properties;
  private final String base;
  private final String shown;

  private PostgresAddress(String url, Properties properties, String base, String shown) {
    this.url = url;
    this.properties = properties;
    this.base = base;
    this.shown = shown;
  }

  /**
   * Reads what a user wrote.
   *
   * @param environment the variables of the process
   * @throws LedgerNotFoundException when it is not such a URL, or cannot name a ledger
   */
  static PostgresAddress of(String url, Map<String, String> environment) {
    // The driver would take a user before an @ for a part of the host's name, and show it.
    boolean isOne = DatabaseLocation.Server.complaint(url).isEmpty();
    Properties parts = isOne ? Driver.parseURL(url, null) : null;
    if (parts == null) {
      throw new LedgerNotFoundException(
          "This is not the URL of a PostgreSQL database; write it as jdbc:postgresql://HOST:PORT/DATABASE?user=NAME.");
    }
    String base =
        Optional.ofNullable(PGProperty.CURRENT_SCHEMA.getOrDefault(parts)).orElse(DEFAULT_BASE);
    if (!BASE.matcher(base).matches()) {
      throw new LedgerNotFoundException(
          "currentSchema=%s cannot name a ledger; use at most 40 lower-case letters, digits and underscores."
              .formatted(base));
    }
    String shown =
        "jdbc:postgresql://%s/%s?currentSchema=%s"
            .formatted(hosts(parts), PGProperty.PG_DBNAME.getOrDefault(parts), base);
    return new PostgresAddress(url, properties(url, environment), base, shown);
  }

  /** As the service writes them: it is recognized by this. */
  private static String hosts(Properties parts) {
    String[] hosts =
        String.valueOf(PGProperty.PG_HOST.getOrDefault(parts))
            .toLowerCase(Locale.ROOT)
            .split(",", -1);
    String[] ports = String.valueOf(PGProperty.PG_PORT.getOrDefault(parts)).split(",", -1);
    StringJoiner joined = new StringJoiner(",");
    for (int i = 0; i < hosts.length; i++) {
      joined.add(hosts[i] + ":" + ports[Math.min(i, ports.length - 1)]);
    }
    return joined.toString();
  }

  private static Properties properties(String url, Map<String, String> environment) {
    Properties properties = new Properties();
    PGProperty.APPLICATION_NAME.set(properties, "runledger reader");
    PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
    PGProperty.TCP_KEEP_ALIVE.set(properties, "true");
    PGProperty.DEFAULT_ROW_FETCH_SIZE.set(properties, ROWS_AT_ONCE);
    // What the URL says goes before what is given here.
    if (!url.contains("password=") && environment.get("PGPASSWORD") != null) {
      PGProperty.PASSWORD.set(properties, environment.get("PGPASSWORD"));
    }
    return properties;
  }

  Connection open() throws SQLException {
    Connection connection = new Driver().connect(url, properties);
    if (connection == null) {
      throw new SQLException("The driver does not know this URL.");
    }
    return connection;
  }

  /** The schema that leads to the generation in use; needs no quotes. */
  String base() {
    return base;
  }

  /** For people: without user, password and settings. */
  @Override
  public String toString() {
    return shown;
  }
}
