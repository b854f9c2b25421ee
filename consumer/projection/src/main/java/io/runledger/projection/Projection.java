package io.runledger.projection;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.specific.SpecificRecord;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The one writer of a database: applies batches of records, each in one transaction that holds the
 * rows, the seen seq numbers and the new positions, or none of them. Not thread-safe.
 *
 * <p>Every method throws {@link ProjectionUnavailableException} when the database cannot be used
 * now; nothing is changed then, and the same call may be made again after {@link #close()} and
 * {@link #open}.
 */
public final class Projection implements AutoCloseable {

  /** WAL pages are moved into the file from this size on, in bytes. */
  private static final long CHECKPOINT_BYTES = 16L << 20;

  private final Generation generation;
  private final Optional<WriterLock> lock;
  private final Connection connection;
  private final Statements statements;
  private final Fold fold;
  private String owner = "";

  private Projection(Generation generation, Optional<WriterLock> lock, Connection connection) {
    this.generation = generation;
    this.lock = lock;
    this.connection = connection;
    this.statements = new Statements(connection);
    this.fold = new Fold(connection);
  }

  /**
   * Opens the database for writing; creates it when it is not there.
   *
   * @param database the path that users name
   * @throws ProjectionInUseException when another process writes it
   */
  public static Projection open(Path database) {
    Path path = database.toAbsolutePath();
    Database.prepareDirectory(path);
    WriterLock lock = WriterLock.take(path);
    try {
      Generation.adopt(path);
      Generation generation = Generation.current(path).orElseGet(() -> created(path));
      return opened(generation, Optional.of(lock), Durability.LIVE);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Opens a new generation that nobody uses yet, to be filled, finished and published. The caller
   * keeps others from doing the same.
   */
  public static Projection create(Generation generation) {
    return opened(generation, Optional.empty(), Durability.REBUILD);
  }

  private static Generation created(Path database) {
    Generation first = Generation.next(database);
    try (Projection projection = opened(first, Optional.empty(), Durability.LIVE)) {
      projection.truncateWal();
    }
    first.publish();
    return first;
  }

  private static Projection opened(
      Generation generation, Optional<WriterLock> lock, Durability durability) {
    Connection connection = Database.open(generation.file(), durability);
    try {
      Projection projection = new Projection(generation, lock, connection);
      projection.describe();
      return projection;
    } catch (SQLException e) {
      throw unavailable("describe itself", generation, e);
    }
  }

  private void describe() throws SQLException {
    statements.update(
        "INSERT INTO projection_info (name, value) VALUES ('generation', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
        Long.toString(generation.number()));
    String version = Projection.class.getPackage().getImplementationVersion();
    statements.update(
        "INSERT INTO projection_info (name, value) VALUES ('builder_version', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
        version == null ? "development" : version);
  }

  /** The generation that this writer writes. */
  public Generation generation() {
    return generation;
  }

  /** Whether the users' path still names this generation; if not, close and open again. */
  public boolean isCurrentGeneration() {
    return Generation.current(generation.database()).equals(Optional.of(generation));
  }

  /** The stored positions, by topic and partition. */
  public List<Position> positions() {
    List<Position> positions = new ArrayList<>();
    try {
      statements.query(
          """
          SELECT cluster_id, topic, topic_id, partition, next_offset, leader_epoch
            FROM positions
           ORDER BY topic, partition
          """,
          row -> positions.add(position(row)));
    } catch (SQLException e) {
      throw unavailable("read its positions", generation, e);
    }
    return positions;
  }

  private static Position position(ResultSet row) throws SQLException {
    int epoch = row.getInt(6);
    OptionalInt leaderEpoch = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(epoch);
    return new Position(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getInt(4),
        row.getLong(5),
        leaderEpoch);
  }

  /**
   * Makes {@code owner} the one that may advance the positions, and adds those that are missing; a
   * stored position keeps its offset.
   */
  public void claim(String owner, List<Position> initial) {
    inTransaction(
        "claim its positions",
        () -> {
          for (Position position : initial) {
            statements.update(
                """
                INSERT INTO positions (topic, partition, cluster_id, topic_id, next_offset, leader_epoch, owner)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (topic, partition) DO NOTHING
                """,
                position.topic(),
                position.partition(),
                position.clusterId(),
                position.topicId(),
                position.nextOffset(),
                boxed(position.leaderEpoch()),
                owner);
          }
          statements.update("UPDATE positions SET owner = ?", owner);
          this.owner = owner;
          return null;
        });
  }

  /**
   * Applies a batch: all of it, or nothing.
   *
   * @throws FencedException when the stored positions are not those that the batch was read from,
   *     or belong to another owner; the batch must be dropped
   */
  public BatchResult apply(Batch batch) {
    try {
      BatchResult result = inTransaction("apply a batch", () -> applied(batch, false));
      checkpointWhenDue();
      return result;
    } catch (RecordException one) {
      // Some record cannot be stored: apply them one by one, and put aside just those.
      return inTransaction("apply a batch record by record", () -> applied(batch, true));
    }
  }

  private BatchResult applied(Batch batch, boolean oneByOne) throws SQLException {
    fence(batch);
    long applied = 0;
    long duplicates = 0;
    long deadLetters = 0;
    for (IncomingRecord incoming : batch.records()) {
      try {
        Fold.Counts counts = oneByOne ? foldAlone(incoming) : fold(incoming);
        applied += counts.applied();
        duplicates += counts.duplicates();
      } catch (PoisonException e) {
        deadLetters += putAside(incoming, topicId(batch, incoming.source()), e);
      }
    }
    fold.flush();
    return new BatchResult(applied, duplicates, deadLetters);
  }

  /** Moves the positions first: a second writer loses here, before any work. */
  private void fence(Batch batch) throws SQLException {
    for (Advance advance : batch.advances()) {
      Position from = advance.from();
      Position to = advance.to();
      int changed =
          statements.update(
              """
              UPDATE positions
                 SET next_offset = ?, leader_epoch = ?
               WHERE topic = ? AND partition = ? AND topic_id = ? AND next_offset = ? AND owner = ?
              """,
              to.nextOffset(),
              boxed(to.leaderEpoch()),
              from.topic(),
              from.partition(),
              from.topicId(),
              from.nextOffset(),
              owner);
      if (changed != 1) {
        throw new FencedException(
            "Another writer has moved %s-%d in %s on from offset %d; this one drops its batch and must stop."
                .formatted(from.topic(), from.partition(), generation.file(), from.nextOffset()));
      }
    }
  }

  private Fold.Counts fold(IncomingRecord incoming) throws SQLException {
    try {
      return fold.fold(incoming, event(incoming));
    } catch (SQLException e) {
      if (isAboutTheData(e)) {
        throw new RecordException(e);
      }
      throw e;
    }
  }

  private Fold.Counts foldAlone(IncomingRecord incoming) throws SQLException {
    SpecificRecord event = event(incoming);
    Database.execute(connection, "SAVEPOINT one_record");
    try {
      Fold.Counts counts = fold.fold(incoming, event);
      fold.flush();
      Database.execute(connection, "RELEASE one_record");
      return counts;
    } catch (SQLException e) {
      if (!isAboutTheData(e)) {
        throw e;
      }
      Database.execute(connection, "ROLLBACK TO one_record");
      Database.execute(connection, "RELEASE one_record");
      fold.forget();
      throw new PoisonException("unstorable", "SQLite refuses it: " + e.getMessage());
    } catch (PoisonException e) {
      Database.execute(connection, "RELEASE one_record");
      throw e;
    }
  }

  private static SpecificRecord event(IncomingRecord incoming) {
    if (incoming.decoded() instanceof Decoded.Malformed malformed) {
      throw new PoisonException(malformed.reason(), malformed.detail());
    }
    return ((Decoded.Event) incoming.decoded()).event();
  }

  private long putAside(IncomingRecord incoming, String topicId, PoisonException why)
      throws SQLException {
    Source source = incoming.source();
    return statements.update(
        """
        INSERT INTO dead_letters (topic, partition, "offset", topic_id, record_timestamp, key, value, headers, reason, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """,
        source.topic(),
        source.partition(),
        source.offset(),
        topicId,
        source.timestamp(),
        incoming.key().orElse(null),
        incoming.value().orElse(null),
        incoming.headersJson(),
        why.reason(),
        why.getMessage());
  }

  private static String topicId(Batch batch, Source source) {
    return batch.advances().stream()
        .map(Advance::from)
        .filter(from -> from.topic().equals(source.topic()))
        .filter(from -> from.partition() == source.partition())
        .map(Position::topicId)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The batch has record " + source + " and no step of its partition."));
  }

  /** Whether SQLite refuses what it was given, as opposed to not working now. */
  private static boolean isAboutTheData(SQLException e) {
    if (!(e instanceof SQLiteException sqlite)) {
      return false;
    }
    SQLiteErrorCode code = sqlite.getResultCode();
    return switch (code.code & 0xff) {
      case 18 /* TOOBIG */, 19 /* CONSTRAINT */, 20 /* MISMATCH */, 25 /* RANGE */ -> true;
      default -> false;
    };
  }

  /** A record that SQLite refuses, seen while a whole batch was applied. */
  private static final class RecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RecordException(SQLException cause) {
      super(cause);
    }
  }

  private interface Work<T> {
    T run() throws SQLException;
  }

  private <T> T inTransaction(String what, Work<T> work) {
    try {
      Database.execute(connection, "BEGIN IMMEDIATE");
      T result = work.run();
      Database.execute(connection, "COMMIT");
      return result;
    } catch (SQLException e) {
      RuntimeException failure =
          isAboutTheData(e) ? new RecordException(e) : unavailable(what, generation, e);
      rollBack(failure);
      throw failure;
    } catch (RuntimeException e) {
      rollBack(e);
      throw e;
    }
  }

  private void rollBack(RuntimeException cause) {
    try {
      fold.forget();
      Database.execute(connection, "ROLLBACK");
    } catch (SQLException e) {
      // SQLite rolls back by itself when the disk is full or fails; then there is nothing to undo.
      cause.addSuppressed(e);
    }
  }

  /** The writer schema with this registry id, if an earlier record brought it. */
  public Optional<String> schema(int id) {
    List<String> found = new ArrayList<>(1);
    try {
      statements.query(
          "SELECT schema FROM writer_schemas WHERE schema_id = ?",
          row -> found.add(row.getString(1)),
          id);
    } catch (SQLException e) {
      throw unavailable("read a writer schema", generation, e);
    }
    return found.stream().findFirst();
  }

  /** Keeps a writer schema, so that a rebuild needs no registry for it. */
  public void rememberSchema(int id, String schema) {
    inTransaction(
        "keep a writer schema",
        () ->
            statements.update(
                "INSERT INTO writer_schemas (schema_id, schema) VALUES (?, ?) ON CONFLICT DO NOTHING",
                id,
                schema));
  }

  /**
   * Notes that offsets of a partition are gone and that an operator accepted it. Moves no position.
   *
   * @param at the partition and its topic id; its offset means nothing
   * @param fromOffset first offset that is missing
   * @param toOffset first offset after the gap
   */
  public void recordGap(Position at, long fromOffset, long toOffset, String reason) {
    inTransaction(
        "note a gap",
        () ->
            statements.update(
                """
                INSERT INTO gaps (topic, partition, topic_id, from_offset, to_offset, reason)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """,
                at.topic(),
                at.partition(),
                at.topicId(),
                fromOffset,
                toOffset,
                reason));
  }

  /** The dead letters, oldest first. */
  public List<DeadLetter> deadLetters() {
    List<DeadLetter> letters = new ArrayList<>();
    try {
      statements.query(
          """
          SELECT dead_letter_id, topic, partition, "offset", record_timestamp, key, value, headers,
                 reason, detail, state
            FROM dead_letters
           ORDER BY dead_letter_id
          """,
          row ->
              letters.add(
                  new DeadLetter(
                      row.getLong(1),
                      new Source(row.getString(2), row.getInt(3), row.getLong(4), row.getLong(5)),
                      Optional.ofNullable(row.getBytes(6)),
                      Optional.ofNullable(row.getBytes(7)),
                      row.getString(8),
                      row.getString(9),
                      row.getString(10),
                      row.getString(11))));
    } catch (SQLException e) {
      throw unavailable("read its dead letters", generation, e);
    }
    return letters;
  }

  /**
   * Ends the filling of a new generation: gathers statistics, checks the file and makes it one that
   * readers and the live writer can open. Close and publish it afterwards.
   *
   * @throws ProjectionUnavailableException when the check finds damage
   */
  public void finish() {
    try {
      Database.execute(connection, "ANALYZE");
      Database.execute(connection, "PRAGMA synchronous = FULL");
      Database.execute(connection, "PRAGMA journal_mode = WAL");
      truncateWal();
      // Last, because the connection keeps the lock of the check until it is closed.
      String damage = Database.text(connection, "PRAGMA quick_check(1)");
      if (!damage.equals("ok")) {
        throw new ProjectionUnavailableException(
            "The new generation %s is damaged (%s); it is not put in place. Check the disk and rebuild again."
                .formatted(generation.file(), damage));
      }
    } catch (SQLException e) {
      throw unavailable("finish", generation, e);
    }
  }

  private void checkpointWhenDue() {
    long walBytes = Path.of(generation.file() + "-wal").toFile().length();
    if (walBytes > CHECKPOINT_BYTES) {
      try {
        // Waits for no reader: what one still needs stays in the log, and the next call tries
        // again.
        Database.text(connection, "PRAGMA wal_checkpoint(PASSIVE)");
      } catch (SQLException e) {
        throw unavailable("move its log into the file", generation, e);
      }
    }
  }

  private void truncateWal() {
    try {
      Database.text(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (SQLException e) {
      throw unavailable("move its log into the file", generation, e);
    }
  }

  private static Integer boxed(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }

  private static ProjectionUnavailableException unavailable(
      String what, Generation generation, SQLException cause) {
    return new ProjectionUnavailableException(
        "The database %s cannot %s: %s.".formatted(generation.file(), what, cause.getMessage()),
        cause);
  }

  /** Closes the file and gives the right to write it back. */
  @Override
  public void close() {
    try {
      fold.close();
      statements.close();
      connection.close();
    } catch (SQLException e) {
      throw unavailable("be closed", generation, e);
    } finally {
      lock.ifPresent(WriterLock::close);
    }
  }
}
