package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.event.MetricRow;
import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.sqlite.file.Damage;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged file is refused with a sentence, kept, and replaced by a rebuild. */
class DamageTest {

  private static final int PAGE = 4096;
  private static final int FLIPS = 40;
  private static final Instant NOON = Instant.parse("2026-03-04T12:00:05Z");

  @TempDir private Path directory;
  private Path database;
  private Path sound;

  @BeforeEach
  void writeADatabaseAndStop() throws IOException {
    database = directory.resolve("runledger.db");
    try (SqliteProjection projection = Deliveries.claimed(new TestFile(database).open())) {
      deliver(projection, history());
    }
    sound = Files.copy(file(), directory.resolve("sound.copy"));
  }

  /** Runs with curves and long tracebacks, so that pages of every kind are there. */
  private static List<SpecificRecord> history() {
    List<SpecificRecord> events = new ArrayList<>();
    for (int seed = 1; seed <= 12; seed++) {
      Events run = Events.ofSeed(seed);
      events.add(run.started());
      MetricRow[] calls = new MetricRow[400];
      for (int step = 0; step < calls.length; step++) {
        calls[step] = Events.call(step, Map.of("loss", seed / (1.0 + step), "f1", step * 0.001));
      }
      events.add(run.metrics(calls));
      events.add(run.error("ValueError", "x".repeat(9_000)));
      events.add(run.completed());
    }
    return events;
  }

  private Path file() {
    return Generation.current(database).orElseThrow().file();
  }

  private static void invertPage(Path file, long page) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] content = new byte[PAGE];
      bytes.seek(page * PAGE);
      bytes.readFully(content);
      for (int i = 0; i < PAGE; i++) {
        content[i] = (byte) ~content[i];
      }
      bytes.seek(page * PAGE);
      bytes.write(content);
    }
  }

  @Test
  void aDamagedPageAnywhereIsRefusedWithTheSentenceOrChangesNothing() throws IOException {
    Random random = new Random(20_260_304);
    long pages = Files.size(sound) / PAGE;
    int refused = 0;
    for (int flip = 0; flip < FLIPS; flip++) {
      Path damaged = directory.resolve("flip-" + flip + ".db");
      Files.copy(sound, damaged);
      long page = random.nextLong(pages);
      invertPage(damaged, page);
      try {
        SqliteProjection.open(damaged).close();
        assertThat(CanonicalDump.compare(sound, damaged))
            .as("page %d of %d", page, pages)
            .isEmpty();
      } catch (ProjectionDamagedException e) {
        refused++;
        assertThat(e)
            .hasMessageContaining(damaged.toString())
            .hasMessageContaining("runledger rebuild --db " + damaged);
      }
    }
    assertThat(refused).isGreaterThan(FLIPS / 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {PAGE / 2, PAGE * 3, PAGE * 20 + 17})
  void aFileThatWasCutIsRefused(long bytes) throws IOException {
    try (RandomAccessFile cut = new RandomAccessFile(file().toFile(), "rw")) {
      cut.setLength(bytes);
    }

    assertThatThrownBy(() -> SqliteProjection.open(database))
        .isInstanceOf(ProjectionDamagedException.class)
        .hasMessageContaining(file().toString());
  }

  @Test
  void aFileThatIsNoDatabaseIsRefused() throws IOException {
    Files.writeString(file(), "once a database ".repeat(1_000), StandardCharsets.UTF_8);

    assertThatThrownBy(() -> SqliteProjection.open(database))
        .isInstanceOf(ProjectionDamagedException.class)
        .hasMessageContaining("runledger rebuild --db " + database);
  }

  @Test
  void theDamagedFileIsNotChangedByLookingAtIt() throws IOException {
    invertPage(file(), 5);
    byte[] before = Files.readAllBytes(file());

    assertThatThrownBy(() -> SqliteProjection.open(database))
        .isInstanceOf(ProjectionDamagedException.class);

    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void theLockIsGivenBackWhenTheDatabaseIsRefused() throws IOException {
    invertPage(file(), 5);
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> SqliteProjection.open(database))
          .isInstanceOf(ProjectionDamagedException.class);
    }
  }

  @Test
  void damageThatIsMetWhileWritingStopsWithTheSentence() throws IOException {
    Path open = file();
    try (SqliteProjection projection = Deliveries.claimed(SqliteProjection.open(database))) {
      for (long page = 1; page < Files.size(open) / PAGE; page++) {
        invertPage(open, page);
      }

      assertThatThrownBy(() -> deliver(projection, Events.ofSeed(77).started()))
          .isInstanceOf(ProjectionDamagedException.class)
          .hasMessageContaining("runledger rebuild --db " + database);
    }
  }

  @Test
  void aRebuildPutsAnEqualDatabaseInPlaceAndTheDamagedFileStaysForEver() throws IOException {
    Path damagedFile = file();
    invertPage(damagedFile, 5);
    byte[] content = Files.readAllBytes(damagedFile);

    Damage damage = Damage.of(database).orElseThrow();
    Generation rebuilt = rebuild();
    Path kept = damage.keep(NOON);
    rebuilt.publish();
    for (int more = 0; more < 3; more++) {
      Generation.deleteOthers(database);
      rebuild().publish();
    }
    Generation.deleteOthers(database);

    assertThat(CanonicalDump.compare(sound, database)).isEmpty();
    assertThat(damagedFile).doesNotExist();
    assertThat(kept).hasFileName(damagedFile.getFileName() + ".damaged-20260304T120005Z");
    assertThat(Files.readAllBytes(kept)).isEqualTo(content);
  }

  @Test
  void theWriteAheadLogOfADamagedFileIsKeptNextToIt() throws IOException {
    Path damagedFile = file();
    invertPage(damagedFile, 5);
    Files.writeString(Path.of(damagedFile + "-wal"), "of a writer that was killed");

    Path kept = new Damage(database, damagedFile, "test").keep(NOON);

    assertThat(Path.of(kept + "-wal")).hasContent("of a writer that was killed");
  }

  private Generation rebuild() {
    Generation next = Generation.next(database);
    try (Projection projection = SqliteProjection.create(next)) {
      projection.claim(Deliveries.OWNER, Deliveries.beginnings());
      deliver(projection, history());
      projection.finish();
    }
    return next;
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeIsRefusedAndNotWaitedFor() throws Exception {
    Path pipe = directory.resolve("pipe.db");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> Damage.of(pipe))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessage(pipe + " is not a regular file; specify a database with --db.");
    assertThatThrownBy(() -> SqliteProjection.open(pipe))
        .isInstanceOf(ProjectionUnavailableException.class);
  }

  @Test
  void aSoundDatabaseAndOneThatIsNotThereHaveNoDamage() {
    assertThat(Damage.of(database)).isEqualTo(Optional.empty());
    assertThat(Damage.of(directory.resolve("absent.db"))).isEqualTo(Optional.empty());
  }
}
