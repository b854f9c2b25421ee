package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.stack.LocalStack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However often it was sent, in whatever order it came, whoever was killed: the same rows. */
@Tag("long")
class ConvergenceIT {

  private static final long SEED = Long.getLong("runledger.seed", 20_261_123L);
  private static final int KILLS = 20;
  private static final int ROUNDS = KILLS + 1;

  @TempDir private Path dir;

  @Test
  void twiceShuffledAndKilledTwentyTimesGivesTheRowsOfACleanRun() throws Exception {
    System.out.println("ConvergenceIT: seed " + SEED + ", repeat it with -Drunledger.seed");
    TrainingHistory history = new TrainingHistory(SEED, 100, 2_000);
    assertThat(history.points()).isEqualTo(200_000);
    Path clean = dir.resolve("clean/runledger.db");
    Path battered = dir.resolve("battered/runledger.db");

    try (LocalStack stack = TestStack.start(dir.resolve("clean"));
        RawProducer producer = new RawProducer(stack);
        ServiceProcess service = ServiceProcess.start(dir, stack)) {
      producer.send(history.inOrder(20));
      service.awaitCaughtUp();
    }

    try (LocalStack stack = TestStack.start(dir.resolve("battered"));
        RawProducer producer = new RawProducer(stack)) {
      Random random = new Random(SEED);
      List<TrainingHistory.Message> twice = new ArrayList<>(history.inOrder(20));
      twice.addAll(history.inOrder(7));
      Collections.shuffle(twice, random);
      int part = twice.size() / ROUNDS + 1;
      int kills = 0;
      for (int from = 0; from < twice.size(); from += part) {
        try (ServiceProcess service = ServiceProcess.start(dir, stack)) {
          service.awaitRunning();
          producer.send(twice.subList(from, Math.min(from + part, twice.size())));
          if (kills < KILLS) {
            // while it is applying what was just sent, at its own moment each time
            service.killAfterMillis(random.nextInt(400));
            kills++;
          } else {
            service.awaitCaughtUp();
          }
        }
      }

      assertThat(kills).isEqualTo(KILLS);
      assertThat(CanonicalDump.compare(clean, battered)).isEmpty();
      assertThat(LedgerSql.single(battered, "PRAGMA integrity_check")).isEqualTo("ok");
      assertThat(LedgerSql.single(battered, "SELECT count(*) FROM metric_points"))
          .isEqualTo("200000");
      assertThat(LedgerSql.single(battered, "SELECT count(*) FROM stream_gaps")).isEqualTo("0");
      Distribution.Result verified =
          new Distribution(dir)
              .run(
                  Map.of("RUNLEDGER_CONFIG", stack.propertiesFile().toString()),
                  "verify",
                  "--db",
                  battered.toString());
      assertThat(verified.code()).as(verified.toString()).isZero();
      assertThat(verified.err()).contains("0 differences");
    }
  }
}
