package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.BackupException;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation.Backup;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup is one state of the database, whole, and leads back to the same rows. */
class FileBackupTest {

  private static final int BACKUPS = 5;

  @TempDir private Path directory;
  private Path database;

  @BeforeEach
  void writeADatabase() {
    database = directory.resolve("runledger.db");
    try (Projection projection = Deliveries.open(new TestFile(database))) {
      Events run = Events.ofSeed(1);
      deliver(projection, run.started(), run.metric("loss", 0, 0.5), run.metric("loss", 1, 0.25));
    }
  }

  /** Records of the metrics topic from offset 2 on, after those of the first database. */
  private static List<MetricsLogged> curve(int records) {
    Events run = Events.ofSeed(2);
    List<MetricsLogged> curve = new ArrayList<>();
    for (int step = 0; step < records; step++) {
      curve.add(run.metric("loss", step, 1.0 / (1 + step)));
    }
    return curve;
  }

  private static int applied(Projection projection) {
    return projection.positions().stream()
        .filter(position -> position.topic().equals(TopicNames.DEFAULT.name(Topics.METRICS)))
        .mapToInt(position -> (int) position.nextOffset() - 2)
        .sum();
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  @Test
  @Timeout(60)
  void aBackupOntoAFullDiskLeavesNothingThere() throws Exception {
    try (Projection projection = SqliteProjection.open(database)) {
      projection.rememberSchema(7, "x".repeat(2 << 20));
    }
    Path disk = Files.createDirectory(directory.resolve("disk"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()) == 0,
        "Only root may mount a file system that fills up.");
    try {
      assertThatThrownBy(() -> new SqliteLocation(database).backUp(disk.resolve("copy.db"), false))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("cannot be copied to")
          .hasMessageContaining("free space");
      assertThat(disk).isEmptyDirectory();
    } finally {
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  /** One that was killed there could leave its rollback journal, too. */
  @Test
  void theNextBackupDeletesTheRollbackJournalOfOneThatWasKilled() throws IOException {
    long nobody = Long.MAX_VALUE / 16;
    for (String name : List.of("", "-journal", "-wal", "-shm")) {
      Files.writeString(directory.resolve("copy.db.part-" + nobody + name), "half");
    }

    new SqliteLocation(database).backUp(directory.resolve("copy.db"), false);

    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).noneMatch(file -> file.toString().contains(".part-"));
    }
  }

  /** The driver took what follows a question mark for its own parameters. */
  @ParameterizedTest
  @ValueSource(
      strings = {"a b#c", "c?d", "d%41", "c?d&e", "a?cache_size=1", "x?mode=ro", "ü'\";", "e%"})
  void aDatabaseAndItsBackupMayLieUnderAnyName(String name) throws IOException {
    Path odd = Files.createDirectory(directory.resolve(name)).resolve(name + ".db");
    try (Projection projection = Deliveries.claimed(SqliteProjection.open(odd))) {
      deliver(projection, Events.ofSeed(3).started());
    }
    Path copy = odd.resolveSibling(name + "-copy.db");

    Backup report = new SqliteLocation(odd).backUp(copy, false);

    assertThat(report.runs()).isEqualTo(1);
    assertThat(CanonicalDump.compareAll(odd, copy)).allMatch(table -> table.differences() == 0);
    try (Stream<Path> all = Files.list(directory)) {
      assertThat(all.map(file -> file.getFileName().toString()))
          .allMatch(file -> file.equals(name) || file.startsWith("runledger"));
    }
  }

  @Test
  void copiesTakenWhileAWriterAppliesHoldAsManyRowsAsTheirPositionsSayAndCatchUp()
      throws Exception {
    List<MetricsLogged> curve = curve(20_000);
    AtomicBoolean enough = new AtomicBoolean();
    CountDownLatch writing = new CountDownLatch(50);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    int written;
    try {
      Future<Integer> writer =
          thread.submit(
              () -> {
                try (Projection projection = Deliveries.claimed(SqliteProjection.open(database))) {
                  int next = 0;
                  while (!enough.get() && next < curve.size()) {
                    deliver(projection, curve.get(next));
                    next++;
                    writing.countDown();
                  }
                  return next;
                }
              });
      assertThat(writing.await(30, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < BACKUPS; i++) {
        new SqliteLocation(database).backUp(directory.resolve("copy-" + i + ".db"), false);
      }
      enough.set(true);
      written = writer.get(30, TimeUnit.SECONDS);
    } finally {
      enough.set(true);
      thread.shutdownNow();
    }

    int before = 0;
    for (int i = 0; i < BACKUPS; i++) {
      Path copy = directory.resolve("copy-" + i + ".db");
      try (Projection restored = Deliveries.claimed(SqliteProjection.open(copy))) {
        int applied = applied(restored);
        assertThat(applied).isBetween(Math.max(before, 50), written);
        before = applied;
        try (SqliteReader open = SqliteReader.open(copy)) {
          assertThat(open.number("SELECT count(*) FROM metric_points") - 2).isEqualTo(applied);
        }
        for (MetricsLogged missed : curve.subList(applied, written)) {
          deliver(restored, missed);
        }
      }
      assertThat(CanonicalDump.compare(database, copy)).isEmpty();
    }
  }

  @Test
  void itSaysWhatItHoldsAndIsItsOwnersAloneAndLeavesNothingElse() throws IOException {
    Path target = directory.resolve("backups");
    Files.createDirectory(target);

    Backup report = new SqliteLocation(database).backUp(target.resolve("monday.db"), false);

    assertThat(report.file()).isEqualTo(target.resolve("monday.db"));
    assertThat(report.bytes()).isEqualTo(Files.size(report.file()));
    assertThat(report.runs()).isEqualTo(1);
    assertThat(report.events()).isEqualTo(3);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(report.file())))
        .isEqualTo("rw-------");
    assertThat(names(target)).containsExactly("monday.db");
  }

  @Test
  void theCommandThatItNamesPutsTheBackupInTheDatabasesPlace() throws Exception {
    Path odd = Files.createDirectory(directory.resolve("it's here"));
    Path place = odd.resolve("ledger.db");
    try (Projection projection = Deliveries.claimed(SqliteProjection.open(place))) {
      deliver(projection, curve(1));
    }
    Backup report = new SqliteLocation(place).backUp(odd.resolve("a copy.db"), false);
    Generation overtaken = Generation.current(place).orElseThrow();
    try (Projection projection = Deliveries.claimed(SqliteProjection.open(place))) {
      deliver(projection, Events.ofSeed(9).started());
    }
    byte[] live = Files.readAllBytes(overtaken.file());

    Process shell = new ProcessBuilder("sh", "-c", report.restore()).inheritIO().start();

    assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(shell.exitValue()).isZero();
    assertThat(Files.readAllBytes(overtaken.file())).isEqualTo(live);
    SqliteProjection.open(place).close();
    assertThat(place).isSymbolicLink();
    assertThat(CanonicalDump.compare(place, report.file())).isEmpty();
  }

  @Test
  void aFileThatIsThereIsReplacedOnlyWhenThatWasAskedFor() throws IOException {
    Path target = Files.writeString(directory.resolve("precious.db"), "precious");

    assertThatThrownBy(() -> new SqliteLocation(database).backUp(target, false))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(target + " already exists")
        .hasMessageContaining("--force");
    assertThat(target).hasContent("precious");

    new SqliteLocation(database).backUp(target, true);

    assertThat(CanonicalDump.compare(database, target)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "runledger.db",
        "runledger-g000001.db",
        "runledger-g000007.db",
        "runledger.db.lock",
        "runledger.db.rebuild.lock"
      })
  void aNameOfTheDatabasesOwnFilesIsRefusedEvenByForce(String name) throws IOException {
    List<String> before = names(directory);

    assertThatThrownBy(() -> new SqliteLocation(database).backUp(directory.resolve(name), true))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("choose another path");

    assertThat(names(directory)).containsExactlyInAnyOrderElementsOf(before);
    SqliteProjection.open(database).close();
  }

  @Test
  void aRollbackJournalNextToTheNameIsNotTakenForTheBackups() throws IOException {
    Path stale = Files.writeString(directory.resolve("copy.db-wal"), "stale");

    assertThatThrownBy(
            () -> new SqliteLocation(database).backUp(directory.resolve("copy.db"), true))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(stale.toString());
  }

  @Test
  void whatAKilledBackupLeftIsDeletedAndAnothersWorkIsNot() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    assertThat(ended.waitFor(30, TimeUnit.SECONDS)).isTrue();
    Path left = Files.writeString(directory.resolve("copy.db.part-" + ended.pid()), "half");
    Path others = Files.writeString(directory.resolve("copy.db.part-1"), "at work");
    Path foreign = Files.writeString(directory.resolve("copy.db.part-of-mine"), "mine");

    new SqliteLocation(database).backUp(directory.resolve("copy.db"), false);

    assertThat(left).doesNotExist();
    assertThat(others).exists();
    assertThat(foreign).exists();
  }

  @Test
  void aDirectoryThatIsNotThereIsNotMade() {
    assertThatThrownBy(
            () -> new SqliteLocation(database).backUp(directory.resolve("a/b.db"), false))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("There is no directory " + directory.resolve("a"));
  }

  @Test
  void aDamagedDatabaseGivesNoBackupAndTheOldOneStays() throws IOException {
    Path target = directory.resolve("copy.db");
    new SqliteLocation(database).backUp(target, false);
    byte[] old = Files.readAllBytes(target);
    Path file = Generation.current(database).orElseThrow().file();
    byte[] damaged = Files.readAllBytes(file);
    for (int i = 4096 * 3; i < damaged.length; i++) {
      damaged[i] = (byte) ~damaged[i];
    }
    Files.write(file, damaged);

    assertThatThrownBy(() -> new SqliteLocation(database).backUp(target, true))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("runledger rebuild --db " + database);

    assertThat(Files.readAllBytes(target)).isEqualTo(old);
    assertThat(names(directory)).noneMatch(name -> name.contains(".part-"));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
