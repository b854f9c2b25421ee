package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.client.Tracker;
import io.runledger.client.sender.SpoolDrain;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Base32;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A spool full of what does not belong there: garbage under the names of segments, links, pipes,
 * directories instead of files, other users' directories. Nothing of it is followed, sent, waited
 * for or deleted, and the healthy runs next to it are sent.
 */
final class ForeignFiles implements Scenario {

  private static final int CALLS = 200;
  private static final List<String> NAMES =
      List.of(
          "runs-000001.avro",
          "metrics-000001.avro",
          "errors-000003.avro",
          "slurm-000001.avro",
          "acknowledged",
          "acknowledged.new",
          "writer.lock",
          "sender.lock",
          "reserve",
          "notes.txt");

  @Override
  public String name() {
    return "spool-foreign-files";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Random random = laboratory.random();
    int rounds = laboratory.times(8, 20);
    int strange = 0;
    Path outside = laboratory.directory().resolve("outside.txt");
    Files.writeString(outside, "not yours");
    try (LocalStack stack = laboratory.stack()) {
      for (int round = 0; round < rounds; round++) {
        Path spool = laboratory.directory().resolve("spool-" + round);
        Configuration configuration = configuration(laboratory, stack, spool);
        log(configuration, round);
        List<Path> healthy = children(spool);
        for (int i = 0; i < 5; i++) {
          strangeWriter(spool, outside, random);
          strange++;
        }
        SpoolDrain.send(spool, configuration, Duration.ofSeconds(3));
        assertThat(children(spool))
            .as("what the healthy run left is sent, and something of the others still there")
            .doesNotContainAnyElementsOf(healthy)
            .isNotEmpty();
        assertThat(outside).hasContent("not yours");
      }
      try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), stack)) {
        service.awaitCaughtUp();
        assertThat(Ledgers.count(service.database(), "metric_points"))
            .isEqualTo((long) rounds * CALLS);
        assertThat(Ledgers.count(service.database(), "runs WHERE status = 'completed'"))
            .isEqualTo(rounds);
        assertThat(Ledgers.count(service.database(), "dead_letters")).isZero();
      }
    }
    return new Tally(strange, (long) rounds * CALLS, 0, 0);
  }

  private static void log(Configuration configuration, int round) {
    Map<String, String> offline =
        Map.of(
            Setting.SPOOL.key(),
            configuration.path(Setting.SPOOL).toString(),
            Setting.SENDER_ENABLED.key(),
            "false");
    try (Tracker tracker =
            Tracker.open(Configuration.load(offline, Map.of("HOME", "/"), Optional.empty()));
        RunHandle run = tracker.start(LoggingJob.key(round), Map.of())) {
      for (int i = 0; i < CALLS; i++) {
        run.log("loss", 1.0 / (i + 1), At.step(i));
      }
    }
  }

  private static void strangeWriter(Path spool, Path outside, Random random)
      throws IOException, InterruptedException {
    Path writer = spool.resolve(Base32.encode(random.nextLong() >>> 1));
    if (random.nextInt(6) == 0) {
      Files.createSymbolicLink(writer, outside.getParent());
      return;
    }
    Files.createDirectory(writer);
    for (String name : NAMES) {
      if (random.nextBoolean()) {
        strangeFile(writer.resolve(name), outside, random);
      }
    }
  }

  private static void strangeFile(Path file, Path outside, Random random)
      throws IOException, InterruptedException {
    switch (random.nextInt(6)) {
      case 0 -> Files.createSymbolicLink(file, outside);
      case 1 -> Files.createDirectories(file.resolve("inner"));
      case 2 -> {
        int code = new ProcessBuilder("mkfifo", file.toString()).start().waitFor();
        assertThat(code).isZero();
      }
      case 3 -> {
        byte[] bytes = new byte[random.nextInt(5_000)];
        random.nextBytes(bytes);
        Files.write(file, bytes);
      }
      case 4 -> Files.write(file, "Obj\u0001".getBytes(StandardCharsets.ISO_8859_1));
      default -> Files.writeString(file, "runs 99 99999\nmetrics 99 99999\n");
    }
  }

  private static List<Path> children(Path spool) throws IOException {
    try (Stream<Path> children = Files.list(spool)) {
      return children.toList();
    }
  }

  private static Configuration configuration(Laboratory laboratory, LocalStack stack, Path spool) {
    Map<String, String> settings = new HashMap<>();
    settings.put(Setting.SPOOL.key(), spool.toString());
    settings.put(Setting.BOOTSTRAP_SERVERS.key(), stack.bootstrapServers());
    settings.put(Setting.SCHEMA_REGISTRY_URL.key(), stack.registryUrl());
    return Configuration.load(
        settings, Map.of("HOME", laboratory.directory().toString()), Optional.empty());
  }
}
