package io.runledger.service.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.check.Finding;
import io.runledger.check.Finding.Severity;
import io.runledger.config.DatabaseFile;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.sqlite.SqliteLocation;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseCheckTest {

  @TempDir private Path directory;
  private Path database;

  @BeforeEach
  void newDatabase() throws InterruptedException {
    database = directory.resolve("runledger.db");
    LedgerTemplate.EMPTY.copyTo(database);
    new SqliteLocation(database).open().close();
  }

  @Test
  void aSoundDatabaseIsNamedWithItsGeneration() {
    assertThat(DatabaseCheck.check(new SqliteLocation(database)))
        .hasSize(1)
        .allMatch(finding -> finding.severity() == Severity.OK)
        .allMatch(finding -> finding.what().contains("generation 1"));
    assertThat(DatabaseCheck.checkDamage(new SqliteLocation(database)))
        .extracting(Finding::severity)
        .containsExactly(Severity.OK);
  }

  @Test
  void noDatabaseIsAFailureAndSaidOnce() {
    Path missing = directory.resolve("missing.db");

    List<Finding> findings = DatabaseCheck.check(new SqliteLocation(missing));

    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.FAILED);
    assertThat(findings.get(0).sentence()).contains("There is no database at " + missing);
    assertThat(DatabaseCheck.checkDamage(new SqliteLocation(missing))).isEmpty();
    assertThat(missing).doesNotExist();
  }

  @Test
  void aFileOfSomebodyElseIsAFailureAndSaidOnce() throws IOException {
    Path other = Files.writeString(directory.resolve("notes.txt"), "x".repeat(200));

    assertThat(DatabaseCheck.check(new SqliteLocation(other)))
        .extracting(Finding::severity)
        .containsExactly(Severity.FAILED);
    assertThat(DatabaseCheck.checkDamage(new SqliteLocation(other))).isEmpty();
  }

  @Test
  void whatWaitsAndWhatIsGoneAreWarnings() throws SQLException {
    execute(
        """
        INSERT INTO dead_letters (topic, partition, "offset", topic_id, record_timestamp, reason, detail)
        VALUES ('runledger.runs', 0, 1, 'T', 0, 'bad line', 'why')
        """);
    execute("INSERT INTO gaps VALUES ('runledger.runs', 0, 'T', 2, 5, 'lost')");

    assertThat(DatabaseCheck.check(new SqliteLocation(database)))
        .filteredOn(finding -> finding.severity() == Severity.WARNING)
        .extracting(Finding::sentence)
        .anyMatch(sentence -> sentence.contains("1 record could not be applied"))
        .anyMatch(sentence -> sentence.contains("offsets 2 to 4: lost"))
        .hasSize(2);
  }

  @Test
  void aSchemaThatTheServiceOfThisVersionWouldRefuseIsAFailureAndAnOlderOneAWarning()
      throws SQLException {
    int newer = DatabaseFile.SCHEMA_VERSION + 1;
    execute("PRAGMA user_version = " + newer);
    assertThat(DatabaseCheck.check(new SqliteLocation(database)))
        .filteredOn(finding -> finding.severity() == Severity.FAILED)
        .extracting(Finding::sentence)
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains("schema version " + newer, "Use the newer Runledger");

    execute("PRAGMA user_version = 7");
    assertThat(DatabaseCheck.check(new SqliteLocation(database)))
        .extracting(Finding::severity)
        .containsExactly(Severity.OK, Severity.WARNING);
  }

  @Test
  void damageIsAFailureWithTheWayOut() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(database.toFile(), "rw")) {
      file.seek(3 * 4_096);
      file.write(new byte[8 * 4_096]);
    }

    List<Finding> findings = DatabaseCheck.checkDamage(new SqliteLocation(database));

    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.FAILED);
    assertThat(findings.get(0).sentence()).contains("is damaged", "runledger rebuild");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
