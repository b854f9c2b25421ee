package io.runledger.bench.load;

import io.runledger.config.DatabaseLocation;
import io.runledger.fold.projection.Projection;
import io.runledger.postgres.PostgresLocation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Schemas in a database of a PostgreSQL server, which are dropped at the end. */
public final class PostgresServer implements BenchStore {

  private static final String SCHEMA = "currentSchema=";

  private final String url;
  private final String base;
  private final Path directory;

  /**
   * Asks nothing of the server yet.
   *
   * @param url of the database; without a schema, because the benches use their own
   * @param directory for files of this machine
   * @throws BenchException when it names a schema
   */
  public PostgresServer(String url, Path directory) {
    if (url.contains(SCHEMA)) {
      throw new BenchException(
          "The benches fill schemas of their own; leave currentSchema out of the URL.");
    }
    this.url = url;
    this.directory = directory;
    this.base =
        "runledger_bench_"
            + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()).substring(0, 6);
  }

  @Override
  public String name() {
    return "PostgreSQL";
  }

  @Override
  public Budgets budgets() {
    return new Budgets(0.6, 0.6, 130, 25, 300);
  }

  @Override
  public boolean severalMayWrite() {
    return true;
  }

  @Override
  public String plain(PlainLoop.Mode mode) {
    return switch (mode) {
      case LIVE -> "plain binary COPY loop";
      case REBUILD -> "plain binary COPY loop, not synced";
    };
  }

  @Override
  public String empty(Path unused, String word) {
    drop("nspname = ? OR nspname LIKE ? || '\\_g0%'", base + "_" + word);
    return url + (url.contains("?") ? "&" : "?") + SCHEMA + base + "_" + word;
  }

  @Override
  public Projection create(String database) {
    return PostgresLocation.of(database, System.getenv(), directory).open();
  }

  @Override
  public Connection connect(String database) throws SQLException {
    return connect(schema(database), "default_transaction_read_only = on");
  }

  private Connection connect(String schema, String setting) throws SQLException {
    Properties properties = new Properties();
    // The driver takes it from .pgpass, as libpq does, and not from there.
    Optional.ofNullable(System.getenv("PGPASSWORD"))
        .ifPresent(password -> properties.setProperty("password", password));
    Connection connection = DriverManager.getConnection(url, properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET search_path = " + schema);
      statement.execute("SET " + setting);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** The schema that a database is called by. */
  private static String schema(String database) {
    return database.substring(database.indexOf(SCHEMA) + SCHEMA.length());
  }

  /** The schema with the tables, which views in the other one show. */
  private String generation(String database) throws SQLException {
    try (Connection connection = connect(database)) {
      return texts(
              connection,
              "SELECT max(nspname)::text FROM pg_namespace WHERE nspname LIKE ? || '\\_g0%'",
              schema(database))
          .get(0);
    }
  }

  @Override
  public long bytes(String database) throws SQLException {
    try (Connection connection = connect(database)) {
      return Long.parseLong(
          texts(
                  connection,
                  """
                  SELECT sum(pg_table_size(c.oid) + pg_indexes_size(c.oid))::text
                    FROM pg_class c
                    JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE c.relkind = 'r' AND n.nspname LIKE ? || '\\_g0%'
                  """,
                  schema(database))
              .get(0));
    }
  }

  @Override
  public PlainLoop.Result fillPlainly(Path unused, Workload load, PlainLoop.Mode mode)
      throws SQLException {
    String database = empty(directory, "plain");
    create(database).close();
    String setting =
        "synchronous_commit = "
            + switch (mode) {
              case LIVE -> "on";
              case REBUILD -> "off";
            };
    try (Connection connection = connect(generation(database), setting)) {
      PlainLoop.Result result = PlainLoop.run(load, connection, new Copies(connection));
      return new PlainLoop.Result(result.points(), result.seconds(), bytes(database));
    } finally {
      empty(directory, "plain");
    }
  }

  /** Drops all schemas for which a condition holds, which has one parameter or two of one value. */
  private void drop(String condition, String name) {
    try (Connection connection = connect("public", "lock_timeout = '10s'")) {
      for (String schema :
          texts(connection, "SELECT nspname::text FROM pg_namespace WHERE " + condition, name)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("DROP SCHEMA " + schema + " CASCADE");
        }
      }
    } catch (SQLException e) {
      throw new BenchException(
          "The server of %s does not do what the benches need: %s"
              .formatted(new DatabaseLocation.Server(url), e.getMessage()),
          e);
    }
  }

  /** The texts of the only column, each parameter being {@code value}. */
  private static List<String> texts(Connection connection, String sql, String value)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 1; i <= statement.getParameterMetaData().getParameterCount(); i++) {
        statement.setString(i, value);
      }
      try (ResultSet rows = statement.executeQuery()) {
        List<String> texts = new ArrayList<>();
        while (rows.next()) {
          texts.add(rows.getString(1));
        }
        return texts;
      }
    }
  }

  @Override
  public void close() {
    drop("nspname LIKE ? || '\\_%'", base);
  }

  /** One COPY a transaction, in the binary format that PostgreSQL's page on COPY describes. */
  private static final class Copies implements PlainLoop.Inserts {

    private static final byte[] HEADER = {
      'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final int ROW_BYTES = 2 + 7 * 12;
    private static final short FIELDS = 7;
    private static final int EIGHT = 8;

    private final Connection connection;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

    Copies(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void insert(PlainLoop.Points points) throws SQLException {
      CopyIn copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn(
                  "COPY metric_points (series_id, seq, step, epoch, at_us, elapsed_seconds, value) FROM STDIN (FORMAT binary)");
      buffer.put(HEADER);
      for (int i = 0; i < points.size(); i++) {
        if (buffer.remaining() < ROW_BYTES) {
          send(copy);
        }
        buffer.putShort(FIELDS);
        buffer.putInt(EIGHT).putLong(points.series[i]);
        buffer.putInt(EIGHT).putLong(points.seqs[i]);
        buffer.putInt(EIGHT).putLong(points.steps[i]);
        buffer.putInt(EIGHT).putDouble(points.epochs[i]);
        buffer.putInt(EIGHT).putLong(points.instants[i]);
        buffer.putInt(-1);
        buffer.putInt(EIGHT).putDouble(points.values[i]);
      }
      send(copy);
      buffer.putShort((short) -1);
      send(copy);
      copy.endCopy();
    }

    private void send(CopyIn copy) throws SQLException {
      copy.writeToCopy(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
  }
}
