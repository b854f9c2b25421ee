package io.runledger.service.rebuild;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.fold.batch.Position;
import io.runledger.fold.store.Projection;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.database.ReadOnlyDatabase;
import io.runledger.service.log.KafkaClients;
import io.runledger.service.log.LogState;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.PositionCheck.MissingHistory;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.StopException;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;

/**
 * Proves that a database is what the log says: copies it as it is at one moment, builds another one
 * from the log up to exactly the same positions, and compares both table by table. The database is
 * only read; the copies lie beside it while this runs.
 */
public final class Verify {

  private Verify() {}

  /**
   * One table.
   *
   * @param rows rows in the database
   * @param differences rows that only one of the two has
   */
  public record TableResult(String table, long rows, long differences) {}

  /**
   * What was found.
   *
   * @param tables every table that the log determines
   * @param events events that were replayed
   * @param gaps history that is missing and was accepted, a sentence each
   */
  public record Report(List<TableResult> tables, long events, List<String> gaps) {

    public Report {
      tables = List.copyOf(tables);
      gaps = List.copyOf(gaps);
    }

    /** Rows that differ, of all tables. */
    public long differences() {
      return tables.stream().mapToLong(TableResult::differences).sum();
    }
  }

  /**
   * Verifies the database of {@code configuration}.
   *
   * @throws PositionException when the log no longer holds what the database was made from
   * @throws StopException when brokers or registry do not give what is needed
   */
  public static Report run(Configuration configuration, Progress progress)
      throws InterruptedException {
    Path database = configuration.path(Setting.DB);
    KafkaClients clients = new KafkaClients(configuration);
    // One that is not there is said to be so before a place beside it is.
    ReadOnlyDatabase.open(database).close();
    Path aside = directoryBeside(database);
    try {
      Path live = aside.resolve("live.db");
      try (ReadOnlyDatabase source = ReadOnlyDatabase.open(database)) {
        source.copyTo(live);
      }
      Generation replayed = Generation.next(aside.resolve("replayed.db"));
      List<String> gaps;
      try (ReadOnlyDatabase copy = ReadOnlyDatabase.open(live)) {
        gaps = copy.gaps().stream().map(ReadOnlyDatabase.Gap::sentence).toList();
      }
      long events = replay(configuration, clients, database, live, replayed, progress);
      return compare(live, replayed.file(), events, gaps);
    } finally {
      delete(aside);
    }
  }

  private static long replay(
      Configuration configuration,
      KafkaClients clients,
      Path database,
      Path live,
      Generation replayed,
      Progress progress)
      throws InterruptedException {
    List<Position> reached;
    Map<Integer, String> schemas;
    List<ReadOnlyDatabase.Gap> gaps;
    try (ReadOnlyDatabase copy = ReadOnlyDatabase.open(live)) {
      reached = copy.positions();
      schemas = copy.schemas();
      gaps = copy.gaps();
    }
    PositionCheck.requireOwnTopics(database, reached, clients.topics());
    LogState log = Rebuild.inspect(clients);
    PositionCheck.requireSameLog(database, reached, log);
    List<MissingHistory> missing = PositionCheck.missingForRebuild(reached, log);
    if (!missing.isEmpty() && gaps.isEmpty()) {
      throw new PositionException(
          missing.get(0).why()
              + " The database holds more than the log does, and cannot be verified against it.");
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    reached.forEach(
        position -> ends.put(PositionCheck.partitionOf(position), position.nextOffset()));
    List<Position> beginnings =
        PositionCheck.beginnings(log).stream()
            .filter(position -> ends.containsKey(PositionCheck.partitionOf(position)))
            .toList();
    SchemaRegistryClient registry = new SchemaRegistryClient(configuration.kafka());
    try (Projection projection = SqliteProjection.create(replayed)) {
      projection.claim("verify", beginnings);
      gaps.forEach(gap -> projection.recordGap(gap.at(), gap.from(), gap.to(), gap.reason()));
      Replay.Replayed sum =
          new Replay(clients, registry).run(projection, beginnings, ends, schemas, progress);
      projection.finish();
      return sum.result().applied();
    }
  }

  private static Report compare(Path live, Path replayed, long events, List<String> gaps) {
    return new Report(
        CanonicalDump.compareAll(live, replayed).stream()
            .map(table -> new TableResult(table.table(), table.rows(), table.differences()))
            .toList(),
        events,
        gaps);
  }

  private static Path directoryBeside(Path database) {
    Path absolute = database.toAbsolutePath();
    try {
      return Files.createTempDirectory(
          absolute.getParent(), "." + absolute.getFileName() + ".verify-");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "No directory can be made beside %s, and verifying needs one: %s"
              .formatted(database, e.getMessage()),
          e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The copies in %s cannot be removed; remove them by hand: %s"
              .formatted(directory, e.getMessage()),
          e);
    }
  }
}
