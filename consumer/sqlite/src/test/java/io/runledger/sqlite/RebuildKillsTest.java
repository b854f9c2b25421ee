package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.FailPoint;
import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.contract.process.ChildJvm;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.event.MetricRow;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteConfig;

/** A rebuild that is killed anywhere leaves the old database or the new one, whole. */
@Tag("long")
class RebuildKillsTest {

  private static final int READERS = 2;
  private static final int OLD_POINTS = 300;
  private static final int NEW_BATCHES = 4;
  private static final int BATCH_POINTS = 250;
  private static final int NEW_POINTS = NEW_BATCHES * BATCH_POINTS;

  /** What SIGKILL makes of an exit code. */
  private static final int KILLED = 128 + 9;

  @TempDir private Path directory;
  private Path database;

  /** Rebuilds the database that its argument names, step by step as the real thing. */
  static final class Rebuilder {
    public static void main(String[] arguments) {
      rebuild(Path.of(arguments[0]), NEW_BATCHES, BATCH_POINTS);
    }
  }

  private static void rebuild(Path database, int batches, int points) {
    Generation.deleteOthers(database);
    Generation next = Generation.next(database);
    try (Projection projection = SqliteProjection.create(next)) {
      projection.claim(Deliveries.OWNER, Deliveries.beginnings());
      Events run = Events.ofSeed(3);
      for (int batch = 0; batch < batches; batch++) {
        MetricRow[] calls = new MetricRow[points];
        for (int i = 0; i < points; i++) {
          calls[i] = Events.call((long) batch * points + i, Map.of("loss", 1.0));
        }
        deliver(projection, run.metrics(calls));
      }
      projection.finish();
    }
    next.publish();
    Generation.deleteOthers(database);
  }

  /** Two generations, so that the rebuild to come has one to delete. */
  @BeforeEach
  void buildTheOldDatabase() {
    database = directory.resolve("runledger.db");
    rebuild(database, 1, 10);
    rebuild(database, 1, OLD_POINTS);
  }

  /** Points, as SQL sums them two ways, and the position that belongs to them. */
  private record Content(long points, double sum, long nextOffset) {

    static final Content OLD = new Content(OLD_POINTS, OLD_POINTS, 1);
    static final Content NEW = new Content(NEW_POINTS, NEW_POINTS, NEW_BATCHES);

    static Content of(Path database) throws SQLException {
      SQLiteConfig config = new SQLiteConfig();
      config.setReadOnly(true);
      config.setBusyTimeout(10_000);
      try (Connection connection = config.createConnection("jdbc:sqlite:" + database);
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  """
                  SELECT (SELECT points FROM metric_series),
                         (SELECT sum(value) FROM metric_points),
                         (SELECT next_offset FROM positions WHERE topic = 'runledger.metrics')
                  """)) {
        return new Content(row.getLong(1), row.getDouble(2), row.getLong(3));
      }
    }
  }

  /** Opens the path again and again until the end; never sees anything but old, then new. */
  private final class Readers implements AutoCloseable {
    private final ExecutorService threads = Executors.newFixedThreadPool(READERS);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicInteger looks = new AtomicInteger();
    private final List<Future<Integer>> results = new ArrayList<>();

    Readers() {
      for (int i = 0; i < READERS; i++) {
        results.add(threads.submit(this::look));
      }
    }

    private Integer look() throws SQLException, InterruptedException {
      Content last = Content.OLD;
      while (!ended.get()) {
        Content seen = Content.of(database);
        assertThat(seen).isIn(last, Content.NEW);
        last = seen;
        looks.incrementAndGet();
        // Leaves the processors to the rebuild.
        TimeUnit.MILLISECONDS.sleep(10);
      }
      return looks.get();
    }

    /** Throws what a reader has thrown. */
    void end() throws Exception {
      ended.set(true);
      for (Future<Integer> result : results) {
        assertThat(result.get(30, TimeUnit.SECONDS)).isPositive();
      }
    }

    @Override
    public void close() {
      ended.set(true);
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "generation-created@1, OLD",
    "before-commit@2,      OLD",
    "begun@4,              OLD",
    "before-commit@5,      OLD",
    "committed@6,          OLD",
    "analyzed@1,           OLD",
    "log-turned-on@1,      OLD",
    "log-emptied@1,        OLD",
    "checked@1,            OLD",
    "file-synced@1,        OLD",
    "link-made@1,          OLD",
    "link-renamed@1,       NEW",
    "directory-synced@1,   NEW",
    "deleted@1,            NEW",
    "deleted-wal@1,        NEW"
  })
  void theDatabaseIsWhollyOldOrWhollyNewAndTheNextRebuildSucceeds(String point, String expected)
      throws Exception {
    try (Readers readers = new Readers()) {
      Process rebuilder =
          ChildJvm.of(
                  List.of("-D%s=%s:kill".formatted(FailPoint.PROPERTY, point)),
                  Rebuilder.class,
                  database.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try {
        assertThat(rebuilder.waitFor(60, TimeUnit.SECONDS)).isTrue();
      } finally {
        rebuilder.destroyForcibly();
      }
      assertThat(rebuilder.exitValue()).as("the rebuild was killed at " + point).isEqualTo(KILLED);

      Content left = Content.of(database);
      assertThat(left).isEqualTo(expected.equals("OLD") ? Content.OLD : Content.NEW);
      SqliteProjection.open(database).close();
      assertThat(Content.of(database)).isEqualTo(left);

      rebuild(database, NEW_BATCHES, BATCH_POINTS);

      assertThat(Content.of(database)).isEqualTo(Content.NEW);
      readers.end();
    }
    assertThat(Tables.row(database, "PRAGMA integrity_check")).isEqualTo("ok");
    assertThat(generationsAndLinks()).hasSize(3);
  }

  /** The path itself, the generation in use and the one before it. */
  private List<String> generationsAndLinks() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".db") || name.contains(".link-"))
          .toList();
    }
  }
}
