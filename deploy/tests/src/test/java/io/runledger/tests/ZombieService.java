package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.stack.LocalStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A service is stopped in the middle of its work, its lock is taken from it, another one takes
 * over, and the first comes back to life: it must notice before it writes anything, and leave.
 */
final class ZombieService implements Scenario {

  @Override
  public String name() {
    return "zombie-service";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int times = laboratory.times(1, 40);
    TrainingHistory history = new TrainingHistory(laboratory.seed(), times * 4, 1_000);
    List<TrainingHistory.Message> messages = history.inOrder(5);
    int part = messages.size() / times + 1;
    try (LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack)) {
      Path database = laboratory.directory().resolve("data/runledger.db");
      ServiceProcess zombie = ServiceProcess.start(laboratory.directory(), stack);
      zombie.awaitRunning();
      for (int time = 0; time < times; time++) {
        zombie.stop();
        producer.send(
            messages.subList(
                Math.min(time * part, messages.size()),
                Math.min((time + 1) * part, messages.size())));
        // What a hasty operator does, or a file system that loses locks.
        Files.delete(database.resolveSibling(database.getFileName() + ".lock"));
        ServiceProcess next = ServiceProcess.start(laboratory.directory(), stack);
        next.awaitCaughtUp();
        zombie.signal("CONT");
        assertThat(zombie.awaitEnd()).as(zombie.output()).isEqualTo(1);
        assertThat(zombie.output()).contains("this one is stopping");
        assertThat(next.isAlive()).as(next.output()).isTrue();
        zombie = next;
      }
      zombie.awaitCaughtUp();
      assertThat(zombie.terminate()).as(zombie.output()).isZero();
      Ledgers.assertSound(database);
      Ledgers.assertOracle(database, messages);
      Ledgers.assertVerified(laboratory.directory(), stack, database);
      assertThat(Ledgers.count(database, "metric_points")).isEqualTo(history.points());
      return new Tally(times, history.points(), 0, 0);
    }
  }
}
