package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.stack.LocalStack;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A service that has never seen a schema of ours meets a registry that is away, slow, lost its data
 * or answers with something else. It waits: no record is skipped, and none is called dead.
 */
final class RegistryFaults implements Scenario {

  @Override
  public String name() {
    return "registry-faults";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    FaultyRegistry.Fault[] kinds = FaultyRegistry.Fault.values();
    int faults = laboratory.times(3, 4 * kinds.length);
    int first = laboratory.random().nextInt(kinds.length);
    TrainingHistory history = new TrainingHistory(laboratory.seed(), 5, 200);
    try (LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack);
        FaultyRegistry registry = FaultyRegistry.before(stack)) {
      producer.send(history.inOrder(5));
      for (int i = 0; i < faults; i++) {
        registry.breakDown(kinds[(first + i) % kinds.length]);
        // A database and its own group: nothing is known from before.
        Path database = laboratory.directory().resolve("registry-" + i + "/runledger.db");
        Map<String, String> settings =
            Map.of(
                "RUNLEDGER_DB", database.toString(),
                "RUNLEDGER_GROUP_ID", "registry-" + i,
                "RUNLEDGER_SCHEMA_REGISTRY_URL", registry.url());
        try (ServiceProcess service =
            ServiceProcess.start(laboratory.directory(), stack, settings)) {
          service.awaitState("paused");
          TimeUnit.MILLISECONDS.sleep(laboratory.random().nextInt(2_000));
          assertThat(Ledgers.count(database, "dead_letters")).isZero();
          assertThat(Ledgers.count(database, "experiment_runs")).isZero();
          registry.recover();
          service.awaitCaughtUp();
        }
        assertThat(
                LedgerSql.single(database, "SELECT group_concat(detail, '; ') FROM dead_letters"))
            .as("dead letters after %s", kinds[(first + i) % kinds.length])
            .isNull();
        assertThat(Ledgers.count(database, "metric_points")).isEqualTo(history.points());
      }
    }
    return new Tally(faults, history.points() * faults, 0, 0);
  }
}
