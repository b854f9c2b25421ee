package io.runledger.query;

import io.runledger.config.DatabaseLocation;
import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.MetricRow;
import io.runledger.sqlite.EmptyDatabase;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/**
 * A database with one run of each kind, written by the real fold:
 *
 * <ul>
 *   <li>{@link #COMPLETED}, by run key, with curves by epoch and step, results and an artifact
 *   <li>{@link #DIVERGED}, likewise, whose loss ends in NaN
 *   <li>{@link #FAILED}, by project and name, with an error
 *   <li>{@link #RESUMED}, whose first attempt was killed and whose second had another configuration
 *   <li>{@link #INCOMPLETE}, still running, with missing and dropped events
 *   <li>{@link #TIMED_OUT}, a task of a SLURM array
 * </ul>
 */
public final class Laboratory implements AutoCloseable {

  public static final RunId COMPLETED = Events.ofSeed(3).run();
  public static final RunId DIVERGED = Events.ofSeed(4).run();
  public static final RunId RESUMED = Events.ofSeed(5).run();
  public static final RunId INCOMPLETE = Events.ofSeed(6).run();
  public static final RunId TIMED_OUT = Events.ofSeed(7).run();
  private static final UUID INSTANCE = new UUID(1, 2);
  public static final RunId FAILED = baseline(INSTANCE).run();

  /** Copying a database without rows saves its migrations, which take longer than most tests. */
  private static final class Empty {

    static final byte[] BYTES = bytes();

    private static byte[] bytes() {
      try {
        Path file = Files.createTempFile("empty", ".db");
        EmptyDatabase.main(new String[] {file.toString()});
        byte[] bytes = Files.readAllBytes(file);
        for (String companion : List.of("", "-wal", "-shm")) {
          Files.deleteIfExists(Path.of(file + companion));
        }
        return bytes;
      } catch (IOException | SQLException e) {
        throw new AssertionError(e);
      }
    }
  }

  private final Path database;
  private final Optional<String> url;
  private final Projection projection;

  private Laboratory(Path database, Optional<String> url) {
    this.database = database;
    this.url = url;
    Projection opened =
        url.map(server -> PostgresLaboratories.open(server, database.resolveSibling("companions")))
            .orElseGet(() -> opened(database));
    this.projection = Deliveries.claimed(opened);
  }

  private static Projection opened(Path database) {
    try {
      if (!Files.exists(database)) {
        Files.write(database, Empty.BYTES);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return SqliteProjection.open(database);
  }

  /** An empty database, on the store that {@link OnEachStore} says, or else on SQLite. */
  public static Laboratory empty(Path directory) {
    return new Laboratory(
        directory.resolve("runledger.db"),
        EachStore.current() == EachStore.Store.POSTGRES
            ? Optional.of(PostgresLaboratories.take())
            : Optional.empty());
  }

  /** An empty ledger on a server. Skips the test where there is no PostgreSQL. */
  public static Laboratory onServer(Path directory) {
    return new Laboratory(
        directory.resolve("runledger.db"), Optional.of(PostgresLaboratories.take()));
  }

  /** A database with all of these runs. */
  public static Laboratory filled(Path directory) {
    Laboratory laboratory = empty(directory);
    laboratory.fill();
    return laboratory;
  }

  /** Adds all of these runs, in one batch: a transaction each would take several times as long. */
  public void fill() {
    deliver(
        Stream.of(completed(), diverged(), failed(), resumed(), incomplete(), timedOut())
            .flatMap(List::stream)
            .toArray(SpecificRecord[]::new));
  }

  /** The file; of SQLite only. */
  public Path database() {
    if (isPostgres()) {
      throw new AssertionError("This ledger is on a server.");
    }
    return database;
  }

  public boolean isPostgres() {
    return url.isPresent();
  }

  /** What --db is told. */
  public String location() {
    return url.orElseGet(database::toString);
  }

  /** The same, as the setting db is read. */
  public DatabaseLocation databaseLocation() {
    return url.<DatabaseLocation>map(DatabaseLocation.Server::new)
        .orElseGet(() -> new DatabaseLocation.File(database));
  }

  /** The ledger. */
  public Ledger open() {
    return open(Ledger.TIME_LIMIT);
  }

  public Ledger open(Duration timeLimit) {
    return Ledger.open(location(), timeLimit);
  }

  /** Changes rows behind the back of the fold; returns how many. */
  public int change(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** A connection to the tables. */
  public Connection connect() throws SQLException {
    return isPostgres()
        ? PostgresLaboratories.connect(location())
        : DriverManager.getConnection("jdbc:sqlite:" + database);
  }

  public void deliver(SpecificRecord... events) {
    Deliveries.deliver(projection, events);
  }

  public Projection projection() {
    return projection;
  }

  /** Empties the write-ahead log, unless a reader needs it; whether it is empty now. */
  public boolean emptiesTheLog() {
    projection.emptyWriteAheadLogIfUnread();
    return projection.writeAheadLogBytes() == 0;
  }

  /** Another run of this project and name. */
  public static Events baseline(UUID instance) {
    return Events.ofName("vision", "baseline", instance);
  }

  /** A log() by epoch. */
  public static MetricRow epoch(long epoch, Map<String, Double> values) {
    return MetricRow.newBuilder()
        .setAt(Events.DAWN.plusSeconds(3_600 + 60 * (epoch + 1)))
        .setEpoch((double) epoch)
        .setValues(values)
        .build();
  }

  private static List<SpecificRecord> completed() {
    Events run = Events.ofSeed(3);
    return List.of(
        run.started(
            start ->
                start
                    .setConfig(
                        """
                        {"learning_rate":5e-5,"model":{"n_layers":12,"n_heads":8},"optimizer":{"betas":[0.9,0.999]},"note":null}""")
                    .setNotes("Initial baseline")
                    .setTags(List.of("grid", "baseline"))
                    .setHost("node1")
                    .setUser("ada")
                    .setPid(4711L)
                    .setCommand("Train")
                    .setGitCommit("0123456789abcdef0123456789abcdef01234567")
                    .setGitDirty(true)
                    .setMaskedKeys(List.of("hub.token", "api_key"))),
        run.metrics(
            epoch(0, Map.of("train/loss", 0.9, "val/loss", 0.8, "val/accuracy", 0.5)),
            epoch(1, Map.of("train/loss", 0.5, "val/loss", 0.25, "val/accuracy", 0.8)),
            epoch(2, Map.of("train/loss", 0.4, "val/loss", 0.3, "val/accuracy", 0.75))),
        run.metrics(
            Events.call(5, Map.of("train/batch_loss", 0.45)),
            Events.call(15, Map.of("train/batch_loss", 0.41))),
        run.results("{\"best_loss\":0.25,\"confusion\":[[9,1],[0,10]]}"),
        run.artifact("checkpoint", "checkpoints/epoch_5.pt"),
        run.completed());
  }

  private static List<SpecificRecord> diverged() {
    Events run = Events.ofSeed(4).attempt(2);
    return List.of(
        run.started(
            start ->
                start.setConfig(
                    """
                    {"learning_rate":9.0,"model":{"n_layers":12,"n_heads":8},"optimizer":{"betas":[0.9,0.999]},"note":null}""")),
        run.metrics(
            epoch(0, Map.of("val/loss", 0.7, "val/accuracy", 0.6)),
            epoch(1, Map.of("val/loss", Double.POSITIVE_INFINITY, "val/accuracy", 0.1)),
            epoch(2, Map.of("val/loss", Double.NaN, "val/accuracy", 0.1))),
        run.completed());
  }

  private static List<SpecificRecord> failed() {
    Events run = baseline(INSTANCE).attempt(3);
    return List.of(
        run.started(),
        run.metric("loss", 10, -0.0),
        run.error("ValueError", "shapes do not match"),
        run.status(RunStatus.FAILED, StatusSource.WRAPPER, 1));
  }

  private static List<SpecificRecord> resumed() {
    Events first = Events.ofSeed(5).attempt(4);
    Events second = first.attempt(5);
    return List.of(
        first.started(start -> start.setConfig("{\"learning_rate\":0.1}")),
        first.metrics(
            Events.call(1, Map.of("loss", 0.9)),
            Events.call(2, Map.of("loss", 0.1)),
            Events.call(3, Map.of("loss", 0.05))),
        first.status(RunStatus.FAILED, StatusSource.WRAPPER, 137),
        second.started(start -> start.setConfig("{\"learning_rate\":0.2}").setResumedFromStep(2L)),
        second.metrics(Events.call(2, Map.of("loss", 0.5)), Events.call(3, Map.of("loss", 0.4))),
        second.completed());
  }

  private static List<SpecificRecord> incomplete() {
    Events run = Events.ofSeed(6).attempt(6);
    return List.of(
        run.started(),
        run.dropped(5),
        run.heartbeat(30),
        run.metrics(0, List.of(Events.call(0, Map.of("loss", 1.0)))),
        // The record with numbers 1 to 3 has not come.
        run.metrics(4, List.of(Events.call(4, Map.of("loss", 0.6)))));
  }

  private static List<SpecificRecord> timedOut() {
    Events run = Events.ofSeed(7).attempt(7);
    return List.of(
        run.started(start -> start.setSlurm(Events.slurmReference(4711))),
        run.slurm(4711, "TIMEOUT"),
        run.status(RunStatus.TIMEOUT, StatusSource.SCHEDULER));
  }

  @Override
  public void close() {
    projection.close();
    url.ifPresent(PostgresLaboratories::giveBack);
  }
}
