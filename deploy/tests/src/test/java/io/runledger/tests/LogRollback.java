package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.service.rebuild.AcceptGap;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The only broker comes back with an older copy of its disk. The service sees that the database is
 * ahead of the log and stops; once that is accepted and the jobs have sent again what they still
 * hold, database and log agree.
 */
final class LogRollback implements Scenario {

  @Override
  public String name() {
    return "log-rolled-back";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int times = laboratory.times(1, 4);
    List<TrainingHistory.Message> messages =
        new TrainingHistory(laboratory.seed(), 20, 500).inOrder(5);
    int part = messages.size() / (times + 1);
    Path data = laboratory.directory().resolve("data");
    Path database = data.resolve("runledger.db");
    Path copy = laboratory.directory().resolve("copy");
    try (LocalStack stack = laboratory.stack()) {
      sendAndApply(laboratory, stack, messages.subList(0, part));
    }
    for (int time = 1; time <= times; time++) {
      copy(data.resolve("broker"), copy);
      int from = time * part;
      int to = time == times ? messages.size() : from + part;
      List<TrainingHistory.Message> lost = messages.subList(from, from + part);
      try (LocalStack stack = laboratory.stack()) {
        sendAndApply(laboratory, stack, lost);
      }
      copy(copy, data.resolve("broker"));
      try (LocalStack stack = laboratory.stack()) {
        assertRefused(laboratory, stack);
        assertThat(
                AcceptGap.run(stack.configuration(), Optional.empty(), OptionalInt.empty(), false))
            .isNotEmpty();
        sendAndApply(laboratory, stack, messages.subList(from, to));
        Ledgers.assertVerified(laboratory.directory(), stack, database);
      }
    }
    Ledgers.assertSound(database);
    Ledgers.assertOracle(database, messages);
    return new Tally(times, messages.size(), 0, 0);
  }

  private static void assertRefused(Laboratory laboratory, LocalStack stack) throws Exception {
    try (ServiceProcess refused = ServiceProcess.start(laboratory.directory(), stack)) {
      assertThat(refused.awaitEnd()).as(refused.output()).isEqualTo(1);
      assertThat(refused.output()).contains("Projection ahead of log");
    }
  }

  private static void sendAndApply(
      Laboratory laboratory, LocalStack stack, List<TrainingHistory.Message> messages)
      throws Exception {
    try (RawProducer producer = new RawProducer(stack);
        ServiceProcess service = ServiceProcess.start(laboratory.directory(), stack)) {
      producer.send(messages);
      service.awaitCaughtUp();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      try (Stream<Path> old = Files.walk(to)) {
        for (Path file : old.sorted(Collections.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }
}
