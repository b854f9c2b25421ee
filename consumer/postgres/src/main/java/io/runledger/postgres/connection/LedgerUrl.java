package io.runledger.postgres.connection;

import io.runledger.config.DatabaseLocation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a ledger is on a server: {@code jdbc:postgresql://HOST:PORT/DATABASE?currentSchema=NAME},
 * whose name is {@code runledger} unless it says otherwise. All other parameters are the driver's
 * (user, ssl, sslmode, ...). The password is the URL's, or that of PGPASSWORD, or that of the file
 * PGPASSFILE or ~/.pgpass; nothing here shows it. Immutable.
 */
public final class LedgerUrl {

  public static final String PREFIX = "jdbc:postgresql:";

  private static final String DEFAULT_BASE = "runledger";

  /** What we append to it must fit into the 63 bytes of a name; and no name needs quotes. */
  private static final Pattern BASE = Pattern.compile("[a-z_][a-z0-9_]{0,39}");

  private static final String CONNECT_TIMEOUT_SECONDS = "10";

  private static final int ROWS_AT_ONCE = 10_000;

  private final String url;
  private final String base;
  private final String server;
  private final Optional<String> password;

  private LedgerUrl(String url, String base, String server, Optional<String> password) {
    this.url = url;
    this.base = base;
    this.server = server;
    this.password = password;
  }

  /**
   * Reads what a user wrote.
   *
   * @param environment the variables of the process
   * @throws IllegalArgumentException when it is not such a URL; says what is wrong, without it
   */
  public static LedgerUrl of(String url, Map<String, String> environment) {
    Properties parts = parts(url);
    String base = PGProperty.CURRENT_SCHEMA.getOrDefault(parts);
    String name = base == null ? DEFAULT_BASE : base;
    if (!BASE.matcher(name).matches() || name.startsWith("pg_") || name.equals("public")) {
      throw new IllegalArgumentException(
          "currentSchema=%s cannot name a ledger; use at most 40 lower-case letters, digits and underscores, and neither public nor pg_..."
              .formatted(name));
    }
    String hosts = PGProperty.PG_HOST.getOrDefault(parts);
    String ports = PGProperty.PG_PORT.getOrDefault(parts);
    String server =
        "%s/%s".formatted(hostsAndPorts(hosts, ports), PGProperty.PG_DBNAME.getOrDefault(parts));
    boolean says =
        parts.getProperty(PGProperty.PASSWORD.getName()) != null && url.contains("password=");
    return new LedgerUrl(
        url,
        name,
        server,
        says ? Optional.empty() : Optional.ofNullable(environment.get("PGPASSWORD")));
  }

  private static Properties parts(String url) {
    // The driver would take a user before an @ for a part of the host's name, and show it.
    boolean isOne = url.startsWith(PREFIX) && DatabaseLocation.Server.complaint(url).isEmpty();
    Properties parts = isOne ? Driver.parseURL(url, null) : null;
    if (parts == null) {
      throw new IllegalArgumentException(
          "This is not the URL of a PostgreSQL database; write it as jdbc:postgresql://HOST:PORT/DATABASE?user=NAME.");
    }
    return parts;
  }

  private static String hostsAndPorts(String hosts, String ports) {
    String[] host = hosts.toLowerCase(Locale.ROOT).split(",", -1);
    String[] port = ports.split(",", -1);
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < host.length; i++) {
      joined
          .append(i == 0 ? "" : ",")
          .append(host[i])
          .append(':')
          .append(port[Math.min(i, port.length - 1)]);
    }
    return joined.toString();
  }

  /** Another ledger in the same database, whose name ends with a word. */
  public LedgerUrl besides(String word) {
    return new LedgerUrl(url, base + "_" + word, server, password);
  }

  /**
   * The name of the ledger: of the schema that users look into, and the beginning of all others.
   */
  public String base() {
    return base;
  }

  /** The same for all ways to write it, but not for two names of one host. */
  public String identity() {
    return server + "/" + base;
  }

  /** Opens a session; nothing of the ledger needs to be there. */
  public Connection open(Purpose purpose) throws SQLException {
    return prepared(purpose, source(purpose).getConnection());
  }

  /** Opens a session whose statements find their tables in a schema. */
  public Connection open(Purpose purpose, String schema) throws SQLException {
    PGSimpleDataSource source = source(purpose);
    source.setCurrentSchema(schema);
    return prepared(purpose, source.getConnection());
  }

  /**
   * Opens sessions for a tool that wants to do that by itself; it has to begin them with the
   * settings of their purpose.
   */
  public DataSource sessions(Purpose purpose) {
    return source(purpose);
  }

  private static Connection prepared(Purpose purpose, Connection connection) throws SQLException {
    try {
      Sql.execute(connection, purpose.settings());
      return connection;
    } catch (SQLException e) {
      Sql.close(connection, e);
      throw e;
    }
  }

  private PGSimpleDataSource source(Purpose purpose) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL(url);
    source.setCurrentSchema(null);
    password.ifPresent(source::setPassword);
    unlessSaid(source, PGProperty.APPLICATION_NAME, purpose.application());
    unlessSaid(source, PGProperty.CONNECT_TIMEOUT, CONNECT_TIMEOUT_SECONDS);
    unlessSaid(source, PGProperty.TCP_KEEP_ALIVE, "true");
    unlessSaid(source, PGProperty.SOCKET_TIMEOUT, Integer.toString(purpose.socketTimeoutSeconds()));
    // Inside of a transaction, however long a result is.
    source.setDefaultRowFetchSize(ROWS_AT_ONCE);
    // The server infers what a text is meant to be: JSON, above all.
    source.setProperty(PGProperty.STRING_TYPE, "unspecified");
    return source;
  }

  private void unlessSaid(PGSimpleDataSource source, PGProperty property, String value) {
    if (!url.contains(property.getName() + "=")) {
      source.setProperty(property, value);
    }
  }

  /** For people: without user, password and settings. */
  @Override
  public String toString() {
    return PREFIX + "//" + server + "?currentSchema=" + base;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LedgerUrl ledger && identity().equals(ledger.identity());
  }

  @Override
  public int hashCode() {
    return identity().hashCode();
  }
}
