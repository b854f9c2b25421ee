package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.stack.LocalStack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Many services are started on one database at once: one keeps it, the others report why they stop.
 */
final class ManyServices implements Scenario {

  @Override
  public String name() {
    return "services-started-at-once";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int services = laboratory.times(6, 50);
    TrainingHistory history = new TrainingHistory(laboratory.seed(), 10, 500);
    try (LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack)) {
      producer.send(history.inOrder(5));
      List<ServiceProcess> started = new ArrayList<>();
      for (int i = 0; i < services; i++) {
        started.add(ServiceProcess.start(laboratory.directory(), stack));
      }
      List<ServiceProcess> owners = new ArrayList<>();
      for (ServiceProcess service : started) {
        if (service.keepsRunning()) {
          owners.add(service);
        } else {
          assertThat(service.awaitEnd()).isEqualTo(1);
          assertThat(service.output()).contains("is being written by process");
        }
      }
      assertThat(owners).as("services that keep the database").hasSize(1);
      owners.get(0).awaitCaughtUp();
      assertThat(owners.get(0).terminate()).isZero();
      Path database = laboratory.directory().resolve("data/runledger.db");
      Ledgers.assertSound(database);
      assertThat(Ledgers.count(database, "metric_points")).isEqualTo(history.points());
      return new Tally(services - 1, history.points(), 0, 0);
    }
  }
}
