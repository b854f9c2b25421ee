package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep is tagged, noted, renamed and deleted, by verbs and by lines. */
class OperatorVerbsIT {

  private static final String STARTS =
      "SELECT group_concat(seed || ' ' || status || ' ' || tags || ' ' || coalesce(notes, '-'), '; ')"
          + " FROM (SELECT * FROM runs ORDER BY seed)";

  @TempDir private Path dir;
  private TestLedger ledger;

  @Test
  void aFilterChoosesRunsAndYesChangesThem() throws Exception {
    ledger = TestLedger.shared(dir);
    try (InProcessService service = InProcessService.start(ledger)) {
      for (int seed = 1; seed <= 3; seed++) {
        lines(
            "sweep" + seed,
            """
            {"at":1763917445,"start":{"experiment":"sweep","seed":%d}}
            {"metrics":{"loss":null,"acc":0.5},"step":1}
            {"status":"%s"}
            {"end":true}
            """
                .formatted(seed, seed == 3 ? "failed" : "completed"));
      }
      service.awaitCaughtUp();

      Distribution.Result shown = run("tag", "--add", "paper", "--status", "completed");
      assertThat(shown.code()).isEqualTo(ExitCodes.USAGE);
      assertThat(shown.out().lines()).hasSize(2).allMatch(line -> line.contains("sweep/-/-/-/-/"));
      assertThat(shown.err()).contains("These 2 runs would be tagged paper. Nothing was changed");
      assertThat(run("delete", "--tag", "paper", "--yes").code()).isEqualTo(ExitCodes.NOT_FOUND);

      assertThat(run("tag", "--add", "paper", "--status", "completed", "--yes").code()).isZero();
      assertThat(run("note", "--text", "n", "sweep/-/-/-/-/1", "sweep/-/-/-/-/3").code()).isZero();
      assertThat(run("rename", "sweep/-/-/-/-/1", "the baseline").code()).isZero();
      awaitArrived(service);
      assertThat(single(service, STARTS))
          .isEqualTo("1 completed [\"paper\"] n; 2 completed [\"paper\"] -; 3 failed [] n");
      assertThat(run("show", "the baseline").out()).contains("sweep/-/-/-/-/1");
      assertThat(run("show", "sweep/-/-/-/-/1").out()).contains("the baseline");

      assertThat(run("delete", "--tag", "paper", "--yes").code()).isZero();
      awaitArrived(service);
      assertThat(single(service, STARTS)).isEqualTo("3 failed [] n");
      assertThat(run("restore", "--status", "failed", "--yes").err()).contains("No deleted run");
      assertThat(run("restore", "--tag", "paper", "--yes").out().lines()).hasSize(2);
      assertThat(run("untag", "the baseline", "paper").code()).isZero();
      awaitArrived(service);
      assertThat(single(service, STARTS))
          .isEqualTo("1 completed [] n; 2 completed [\"paper\"] -; 3 failed [] n");
      Ledgers.assertVerified(ledger);
    }
  }

  @Test
  void aLineThatNamesARunByItsKeyTagsAndDeletesIt() throws Exception {
    ledger = TestLedger.shared(dir);
    try (InProcessService service = InProcessService.start(ledger)) {
      lines(
          "job",
          """
          {"at":1763917445,"start":{"experiment":"typo","seed":1}}
          {"status":"completed"}
          {"end":true}
          """);
      lines(
          "words",
          """
          {"at":1763917500,"run":{"experiment":"typo","seed":1},"annotate":{"add_tags":["wrong"],"name":"a typo"}}
          {"run":{"experiment":"typo","seed":1},"delete":{"reason":"typo"}}
          {"end":true}
          """);
      service.awaitCaughtUp();

      assertThat(
              single(
                  service,
                  "SELECT run_name || ' ' || tags || ' ' || status || ' ' || attempts || ' ' || deleted FROM experiment_runs"))
          .isEqualTo("a typo [\"wrong\"] completed 1 1");
      assertThat(Ledgers.count(service.database(), "dead_letters")).isZero();
      Ledgers.assertVerified(ledger);
    }
  }

  @Test
  void doctorFindsNothingFailedInARunningLedgerAndNamesADatabaseThatIsNotThere() throws Exception {
    ledger = TestLedger.shared(dir);
    try (InProcessService service = InProcessService.start(ledger)) {
      service.awaitCaughtUp();

      Distribution.Result sound = new Distribution(dir).run(ledger.environment(), "doctor");

      assertThat(sound.err()).isEmpty();
      assertThat(sound.out().lines()).noneMatch(line -> line.startsWith("failed "));
      assertThat(sound.code()).isEqualTo(ExitCodes.OK);
      assertThat(sound.out().lines())
          .anyMatch(line -> line.matches("ok +broker .*the topics test-.*"))
          .anyMatch(line -> line.matches("ok +registry .*"))
          .anyMatch(line -> line.matches("ok +database .*generation 1.*"))
          .anyMatch(line -> line.matches("ok +clock .*"))
          .anyMatch(line -> line.matches("ok +spool .*"));
    }

    Distribution.Result another =
        new Distribution(dir)
            .run(
                ledger.environment(),
                "doctor",
                "--json",
                "--db",
                dir.resolve("missing.db").toString());

    assertThat(another.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(another.out()).contains("\"failed\"", "There is no database at");
  }

  private void lines(String name, String text) throws Exception {
    Path spool = Files.createDirectories(dir.resolve("spool-of-" + name));
    Files.writeString(spool.resolve(name + ".jsonl"), text);
    assertThat(run("sync", spool.toString()).code()).isZero();
  }

  /** A verb ends when its event is in the spool; on a slow machine it may still be there. */
  private void awaitArrived(InProcessService service) throws Exception {
    assertThat(run("sync").code()).isZero();
    service.awaitCaughtUp();
  }

  private Distribution.Result run(String... words) {
    return InProcessVerb.run(ledger, List.of(words));
  }

  private static String single(InProcessService service, String sql) throws Exception {
    return LedgerSql.single(service.database(), sql);
  }
}
