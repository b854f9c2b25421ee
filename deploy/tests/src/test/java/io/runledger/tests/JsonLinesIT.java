package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a shell appends lines to, sent from two places, more than once. */
class JsonLinesIT {

  private static final RunId RUN = RunId.of(RunKey.of("lines", null, null, null, null, 1L));
  private static final int POINTS = 300;

  @TempDir private Path dir;

  @Test
  void aFileThatIsCopiedContinuedAndSentFromBothPlacesCountsOnce() throws Exception {
    Path spool = Files.createDirectory(dir.resolve("spool"));
    Path copy = dir.resolve("copy");
    shell(
        """
        f="$1/$(hostname)-$$.jsonl"
        printf '{"at":%s,"start":{"experiment":"lines","seed":1}}\\n' "$(date +%s.%N)" >> "$f"
        for i in $(seq 0 299); do printf '{"metrics":{"i":%d},"step":%d}\\n' $i $i >> "$f"; done
        printf '{"status":"completed"}\\n{"end":true}\\n' >> "$f"
        """,
        spool);
    Path open = spool.resolve("open.jsonl");
    Files.writeString(
        open,
        """
        {"at":1763917445,"start":{"project":"p","name":"still open"}}
        {"metrics":{"x":NaN}}
        this is no line
        {"metrics":{"x":1}}
        {"metr""");
    copyOf(spool, copy);
    TestLedger ledger = TestLedger.shared(dir);
    try (InProcessService service = InProcessService.start(ledger)) {
      assertThat(sync(ledger, spool).err()).contains("1 line is not valid");
      assertThat(sync(ledger, copy).code()).as("it says what did not arrive").isEqualTo(1);
      Files.writeString(open, "ics\":{\"x\":2}}\n", StandardOpenOption.APPEND);
      assertThat(sync(ledger, spool).code()).isZero();
      assertThat(sync(ledger, copy).err()).contains("1 file or directory ends in half a line");
      service.awaitCaughtUp();

      Path database = service.database();
      assertThat(points(database, "i")).isEqualTo("0,1,2," + POINTS);
      assertThat(points(database, "x")).isEqualTo("NaN,1.0,2.0,3");
      assertThat(single(database, "SELECT status FROM runs WHERE run_id = " + RUN.value()))
          .isEqualTo("completed");
      assertThat(Ledgers.count(database, "stream_gaps")).isZero();
      assertThat(single(database, "SELECT group_concat(DISTINCT detail) FROM dead_letters"))
          .startsWith("open.jsonl line 3: the line is not JSON");
      assertThat(
              single(
                  database, "SELECT group_concat(DISTINCT cast(value AS TEXT)) FROM dead_letters"))
          .isEqualTo("this is no line");
      Ledgers.assertVerified(ledger);
    }
    assertThat(left(spool)).as("what ended is removed, what did not is kept").containsExactly(open);
  }

  @Test
  void aLineOfAChildLandsInTheAttemptThatItsParentNamed() throws Exception {
    Path spool = Files.createDirectory(dir.resolve("spool"));
    String attempt = Base32.encode(1L << 60);
    Files.writeString(
        spool.resolve("parent.jsonl"),
        """
        {"at":1,"attempt_id":"%s","start":{"experiment":"lines","seed":1}}
        """
            .formatted(attempt));
    Files.writeString(
        spool.resolve("child.jsonl"),
        """
        {"run_id":"%s","attempt_id":"%s","metrics":{"loss":0.31},"step":100}
        """
            .formatted(RUN, attempt));
    TestLedger ledger = TestLedger.shared(dir);
    try (InProcessService service = InProcessService.start(ledger)) {
      assertThat(sync(ledger, spool).code()).isZero();
      service.awaitCaughtUp();

      assertThat(Ledgers.count(service.database(), "run_attempts")).isEqualTo(1);
      assertThat(single(service.database(), "SELECT value FROM metrics WHERE step = 100"))
          .isEqualTo("0.31");
    }
  }

  @Test
  void aLineThatWasTooLongArrivesWhenTheLimitIsRaised() throws Exception {
    Path spool = Files.createDirectory(dir.resolve("spool"));
    Files.writeString(
        spool.resolve("long.jsonl"),
        """
        {"at":1763917445,"start":{"experiment":"lines","seed":1}}
        {"results":{"text":"%s"}}
        {"end":true}
        """
            .formatted("x".repeat(2 << 20)));
    TestLedger ledger = TestLedger.shared(dir);
    Map<String, String> raised = new HashMap<>(ledger.environment());
    raised.put("RUNLEDGER_RECORD_MAX_BYTES", Integer.toString(3 << 20));
    try (InProcessService service = InProcessService.start(ledger)) {
      assertThat(sync(ledger, spool).err())
          .contains("1 event is in", "'runledger sync --quarantined'");

      Distribution.Result again =
          new Distribution(dir).run(raised, "sync", "--quarantined", spool.toString());

      assertThat(again.code()).as(again.toString()).isZero();
      service.awaitCaughtUp();
      assertThat(single(service.database(), "SELECT length(results) FROM run_results"))
          .isEqualTo(Integer.toString((2 << 20) + "{'text':''}".length()));
      assertThat(left(spool.resolve("quarantine"))).isEmpty();
    }
  }

  private Distribution.Result sync(TestLedger ledger, Path spool) throws Exception {
    return new Distribution(dir).run(ledger.environment(), "sync", spool.toString());
  }

  private void shell(String script, Path spool) throws IOException, InterruptedException {
    Process bash =
        new ProcessBuilder("bash", "-c", script, "bash", spool.toString()).inheritIO().start();
    assertThat(bash.waitFor()).isZero();
  }

  /** The first three values of a metric by their order, and how many there are. */
  private static String points(Path database, String name) throws Exception {
    return single(
        database,
        """
        SELECT (SELECT group_concat(coalesce(CAST(CASE WHEN value = CAST(value AS INTEGER) AND '%1$s' = 'i'
                       THEN CAST(value AS INTEGER) ELSE value END AS TEXT), 'NaN'))
                  FROM (SELECT value FROM raw_metrics WHERE metric_name = '%1$s' ORDER BY seq LIMIT 3))
               || ',' || count(*)
          FROM raw_metrics WHERE metric_name = '%1$s'
        """
            .formatted(name));
  }

  private static String single(Path database, String sql) throws Exception {
    return LedgerSql.single(database, sql);
  }

  private static void copyOf(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static List<Path> left(Path spool) throws IOException {
    try (Stream<Path> files = Files.list(spool)) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).toList();
    }
  }
}
