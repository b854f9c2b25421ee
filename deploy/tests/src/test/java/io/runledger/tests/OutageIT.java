package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.stack.LocalStack;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job never waits for broker and service, and they lose nothing of it. */
class OutageIT {

  @TempDir private Path dir;

  @Test
  void theExampleTrainsToItsEndWithoutABrokerAndEverythingArrivesLater() throws Exception {
    Distribution distribution = new Distribution(dir);
    TestLedger ledger = TestLedger.shared(dir);
    LocalStack stack = ledger.stack();
    Map<String, String> environment = ledger.environment();
    stack.broker().kill9();

    Distribution.Result trained =
        distribution.runCommand(
            environment,
            distribution.script("example/grid"),
            "--out",
            dir.resolve("out").toString());
    assertThat(trained.code()).as(trained.toString()).isZero();
    assertThat(trained.err()).as("the words of Kafka's client").doesNotContain("DEBUG", "INFO");
    Distribution.Result refused = distribution.run(environment, "sync", "--timeout", "3");
    assertThat(refused.code()).as(refused.toString()).isEqualTo(1);

    stack.broker().restart();
    stack.awaitReady();
    Distribution.Result sent = distribution.run(environment, "sync");
    assertThat(sent.code()).as(sent.toString()).isZero();
    assertThat(sent.err()).contains("nothing is left");

    try (InProcessService service = InProcessService.start(ledger)) {
      service.awaitCaughtUp();
      Path db = service.database();
      assertThat(
              LedgerSql.single(
                  db,
                  "SELECT group_concat(n || ' ' || status) FROM (SELECT status, count(*) AS n FROM runs GROUP BY status ORDER BY status)"))
          .isEqualTo("11 completed,1 failed");
      assertThat(LedgerSql.single(db, "SELECT count(*) FROM run_attempts")).isEqualTo("13");
      assertThat(LedgerSql.single(db, "SELECT count(*) FROM stream_gaps")).isEqualTo("0");
      assertThat(
              LedgerSql.single(
                  db,
                  "SELECT count(*) FROM run_errors WHERE traceback LIKE '%ArrayIndexOutOfBounds%'"))
          .isEqualTo("1");
    }
  }
}
