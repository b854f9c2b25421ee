package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.DatabaseLocation;
import io.runledger.config.Setting;
import io.runledger.contract.Oracle;
import io.runledger.contract.OracleDump;
import io.runledger.rows.canonical.CanonicalForm;
import io.runledger.service.rebuild.Verify;
import io.runledger.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;

/** What must hold of a database after any fault. */
final class Ledgers {

  private Ledgers() {}

  /** SQLite finds nothing wrong with the file; a server reads all points and has every index. */
  static void assertSound(DatabaseLocation database) throws Exception {
    if (database instanceof DatabaseLocation.File) {
      assertThat(LedgerSql.single(database, "PRAGMA integrity_check")).isEqualTo("ok");
    } else {
      assertThat(LedgerSql.single(database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"))
          .isEqualTo("0");
      assertThat(count(database, "metric_points"))
          .isEqualTo(
              Long.parseLong(
                  LedgerSql.single(
                      database, "SELECT coalesce(sum(points), 0) FROM metric_series")));
    }
  }

  static void assertSound(Path database) throws Exception {
    assertSound(new DatabaseLocation.File(database));
  }

  /** A replay of the topics gives the same rows. */
  static void assertVerified(Path scratch, LocalStack stack, Path database) throws Exception {
    assertVerified(scratch, TestLedger.of(stack).withDatabase(database.toString()));
  }

  /** The same of a ledger, whatever its store. */
  static void assertVerified(Path scratch, TestLedger ledger) throws Exception {
    Distribution.Result verified =
        new Distribution(scratch)
            .run(
                Map.of("RUNLEDGER_CONFIG", ledger.propertiesFile().toString()),
                "verify",
                "--db",
                ledger.configuration().get(Setting.DB));
    assertThat(verified.code()).as(verified.toString()).isZero();
    assertThat(verified.err()).contains("0 differences");
  }

  /** The same of a ledger, in this JVM. */
  static void assertVerified(TestLedger ledger) throws Exception {
    Verify.Report report = Verify.run(ledger.configuration(), (done, total, soFar) -> {});
    assertThat(report.differences()).as(report.toString()).isZero();
  }

  /** The database holds what the oracle says of these messages, and nothing else. */
  static void assertOracle(Path database, List<TrainingHistory.Message> messages) throws Exception {
    assertOracle(new DatabaseLocation.File(database), messages);
  }

  static void assertOracle(DatabaseLocation database, List<TrainingHistory.Message> messages)
      throws Exception {
    Map<String, List<String>> expected =
        Oracle.of(messages.stream().map(TrainingHistory.Message::value).toList());
    Map<String, List<String>> found;
    try (Connection connection = LedgerSql.reading(database)) {
      found = OracleDump.of(connection);
    }
    for (Map.Entry<String, List<String>> table : expected.entrySet()) {
      List<String> rows = found.get(table.getKey());
      // Not compared by an assertion: it would print millions of lines.
      boolean equal = table.getValue().equals(rows);
      assertThat(equal)
          .as("%s: %s", table.getKey(), equal ? "" : difference(table.getValue(), rows))
          .isTrue();
    }
  }

  /** All that the log determines is the same in both, whatever their stores. */
  static void assertSame(DatabaseLocation one, DatabaseLocation other) throws Exception {
    try (Connection first = LedgerSql.reading(one);
        Connection second = LedgerSql.reading(other)) {
      // A server sends rows as they are read in a transaction only.
      first.setAutoCommit(false);
      second.setAutoCommit(false);
      List<CanonicalForm.TableComparison> tables = CanonicalForm.compare(first, second);
      assertThat(tables).hasSizeGreaterThan(10);
      assertThat(tables).allMatch(table -> table.differences() == 0);
    }
  }

  private static String difference(List<String> expected, List<String> found) {
    int at = 0;
    while (at < expected.size() && at < found.size() && expected.get(at).equals(found.get(at))) {
      at++;
    }
    return "%d rows expected, %d found; the first that differs: %s expected, %s found"
        .formatted(
            expected.size(),
            found.size(),
            at < expected.size() ? expected.get(at) : "none",
            at < found.size() ? found.get(at) : "none");
  }

  static long count(DatabaseLocation database, String what) throws Exception {
    return Long.parseLong(LedgerSql.single(database, "SELECT count(*) FROM " + what));
  }

  static long count(Path database, String what) throws Exception {
    return count(new DatabaseLocation.File(database), what);
  }
}
