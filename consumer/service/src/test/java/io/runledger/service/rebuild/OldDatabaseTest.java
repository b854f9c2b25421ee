package io.runledger.service.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.sqlite.SqliteLocation;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rebuild takes what it can from the old database, and continues without the rest. */
class OldDatabaseTest {

  private static final Instant NOON = Instant.parse("2026-03-04T12:00:05Z");
  private static final Position POSITION =
      new Position("cluster", "runledger.runs", "id", 0, 5, OptionalInt.empty());

  @TempDir private Path directory;
  private Path database;

  @BeforeEach
  void writeADatabase() {
    database = directory.resolve("runledger.db");
    try (Projection projection = SqliteProjection.open(database)) {
      projection.claim("test", List.of(POSITION));
      projection.rememberSchema(7, "\"string\"");
    }
  }

  private Path file() {
    return Generation.current(database).orElseThrow().file();
  }

  private void overwrite(long from, long to) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file().toFile(), "rw")) {
      for (long at = from; at < to; at++) {
        bytes.seek(at);
        bytes.write(0xFF);
      }
    }
  }

  @Test
  void ofASoundOnePositionsAndSchemasAreTaken() {
    OldDatabase old = OldDatabase.of(new SqliteLocation(database));

    assertThat(old.positions()).containsExactly(POSITION);
    assertThat(old.schemas("cluster")).containsExactly(Map.entry(7, "\"string\""));
    assertThat(old.schemas("another")).isEmpty();
    assertThat(old.keptIfDamaged(NOON)).isEmpty();
  }

  @Test
  void withoutOneThereIsNothingToTake() {
    OldDatabase old = OldDatabase.of(new SqliteLocation(directory.resolve("absent.db")));

    assertThat(old.positions()).isEmpty();
    assertThat(old.keptIfDamaged(NOON)).isEmpty();
  }

  @Test
  void aDamagedOneGivesWhatCanBeReadAndIsKept() throws Exception {
    long page;
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'dead_letters'")) {
      page = row.getLong(1);
    }
    overwrite((page - 1) * 4096, page * 4096);

    OldDatabase old = OldDatabase.of(new SqliteLocation(database));

    assertThat(old.positions()).containsExactly(POSITION);
    assertThat(old.lost()).containsExactly("dismissed dead letters");
    assertThat(old.keptIfDamaged(NOON))
        .hasSize(2)
        .first()
        .asString()
        .contains("was damaged")
        .contains(file() + ".damaged-20260304T120005Z");
    assertThat(Path.of(file() + ".damaged-20260304T120005Z")).hasSameBinaryContentAs(file());
  }

  @Test
  void oneThatCannotBeReadAtAllIsDoneWithoutAndThatIsSaid() throws IOException {
    overwrite(0, 4096);

    OldDatabase old = OldDatabase.of(new SqliteLocation(database));

    assertThat(old.positions()).isEmpty();
    assertThat(old.schemas()).isEmpty();
    assertThat(old.keptIfDamaged(NOON))
        .hasSize(3)
        .contains(
            "Damage hid its positions, writer schemas, accepted gaps, dismissed dead letters, and the new one was built without them.");
  }
}
