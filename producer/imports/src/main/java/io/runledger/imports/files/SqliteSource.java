package io.runledger.imports.files;

import io.runledger.config.DatabaseUrl;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The SQLite file of another tool, read without changing a byte of it or of what stands beside it.
 * A file that nobody writes to is opened as it is; one whose log or journal has to be applied first
 * is copied, and the copy is read. Not thread-safe.
 */
public final class SqliteSource implements AutoCloseable {

  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  /** Where the header says how the file is written: 1 by a journal, 2 by a write-ahead log. */
  private static final int WRITE_VERSION = 18;

  private static final int WRITE_AHEAD = 2;
  private static final int HEADER = 100;
  private static final int BUSY_TIMEOUT_MS = 10_000;

  /** A copy of a file that somebody writes to may be torn: then it is made again. */
  private static final int COPIES = 5;

  private static final List<String> BESIDE = List.of("-wal", "-journal");

  private final Path file;
  private final Connection connection;
  private final Optional<Path> copy;

  private SqliteSource(Path file, Connection connection, Optional<Path> copy) {
    this.file = file;
    this.connection = connection;
    this.copy = copy;
  }

  /** Whether a file begins as SQLite's do. */
  public static boolean isDatabase(Path file) throws IOException {
    return Files.isRegularFile(file) && header(file).isPresent();
  }

  private static Optional<byte[]> header(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] header = in.readNBytes(HEADER);
      boolean isOne =
          header.length == HEADER && Arrays.equals(MAGIC, Arrays.copyOf(header, MAGIC.length));
      return isOne ? Optional.of(header) : Optional.empty();
    }
  }

  /**
   * Opens a database to read it.
   *
   * @throws IOException when it is not a database, or cannot be opened; its message is a sentence
   */
  public static SqliteSource open(Path path) throws IOException {
    Path file = path.toRealPath();
    byte[] header =
        header(file)
            .orElseThrow(
                () ->
                    new IOException(
                        file + " is not a database of SQLite, or its first page is damaged."));
    boolean isLogged = header[WRITE_VERSION] == WRITE_AHEAD;
    boolean needsCopy = size(beside(file, "-wal")) > 0 || size(beside(file, "-journal")) > 0;
    Optional<Path> copy = needsCopy ? Optional.of(copied(file)) : Optional.empty();
    try {
      // A log that nobody has open needs no lock; to open it otherwise would create its index.
      String options = isLogged ? "?mode=ro&immutable=1" : "?mode=ro";
      String url = copy.isPresent() ? DatabaseUrl.of(copy.get()) : DatabaseUrl.of(file) + options;
      Connection connection = DriverManager.getConnection(url);
      try (PreparedStatement patience =
          connection.prepareStatement("PRAGMA busy_timeout = " + BUSY_TIMEOUT_MS)) {
        patience.execute();
      }
      return new SqliteSource(file, connection, copy);
    } catch (SQLException e) {
      remove(copy);
      throw unreadable(file, e);
    }
  }

  private static IOException unreadable(Path file, SQLException e) {
    return new IOException(
        "%s cannot be read: %s. If it is damaged, 'sqlite3 FILE .recover' saves what can be read."
            .formatted(file, e.getMessage()),
        e);
  }

  private static Path copied(Path file) throws IOException {
    Path directory = Files.createTempDirectory("runledger-import-");
    Path copy = directory.resolve("copy.db");
    for (int i = 0; ; i++) {
      List<Object> before = state(file);
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      for (String ending : BESIDE) {
        Files.deleteIfExists(beside(copy, ending));
        if (size(beside(file, ending)) > 0) {
          Files.copy(beside(file, ending), beside(copy, ending));
        }
      }
      if (state(file).equals(before)) {
        return copy;
      }
      if (i == COPIES) {
        remove(Optional.of(copy));
        throw new IOException(
            file
                + " is written to all the time, so that no consistent copy can be made; import it"
                + " when its tool pauses.");
      }
    }
  }

  /** What changes when somebody writes. */
  private static List<Object> state(Path file) throws IOException {
    return List.of(
        Files.getLastModifiedTime(file),
        Files.size(file),
        size(beside(file, "-wal")),
        size(beside(file, "-journal")));
  }

  private static Path beside(Path file, String ending) {
    return file.resolveSibling(file.getFileName() + ending);
  }

  private static long size(Path file) throws IOException {
    return Files.isRegularFile(file) ? Files.size(file) : 0;
  }

  private static void remove(Optional<Path> copy) throws IOException {
    if (copy.isEmpty()) {
      return;
    }
    Path directory = copy.get().getParent();
    for (Path each : SourceTree.children(directory)) {
      Files.deleteIfExists(each);
    }
    Files.deleteIfExists(directory);
  }

  /** The file that was opened, by its real path. */
  public Path file() {
    return file;
  }

  /** The names of its tables. */
  public Set<String> tables() throws SQLException {
    Set<String> names = new HashSet<>();
    query(
        "SELECT name FROM sqlite_master WHERE type = 'table'",
        List.of(),
        row -> names.add(row.getString(1)));
    return Set.copyOf(names);
  }

  /** The names of the columns of a table; none when it is not there. */
  public Set<String> columns(String table) throws SQLException {
    Set<String> names = new HashSet<>();
    query(
        "SELECT name FROM pragma_table_info(?)",
        List.of(table),
        row -> names.add(row.getString(1)));
    return Set.copyOf(names);
  }

  /** Takes a row; not to be kept. */
  public interface RowReader {
    /** Reads one row. */
    void read(ResultSet row) throws SQLException, IOException;
  }

  /** Takes a row without doing any I/O. */
  private interface PlainRow {
    void read(ResultSet row) throws SQLException;
  }

  private void query(String sql, List<?> parameters, PlainRow reader) throws SQLException {
    try {
      forEach(sql, parameters, reader::read);
    } catch (IOException e) {
      throw new IllegalStateException("A plain row does no I/O.", e);
    }
  }

  /**
   * Reads the rows of a query, one at a time.
   *
   * @throws SQLException when the database is damaged or locked there: rows before were read
   */
  public void forEach(String sql, List<?> parameters, RowReader reader)
      throws SQLException, IOException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.size(); i++) {
        statement.setObject(i + 1, parameters.get(i));
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          reader.read(rows);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IOException(file + " cannot be closed: " + e.getMessage() + ".", e);
    } finally {
      remove(copy);
    }
  }
}
