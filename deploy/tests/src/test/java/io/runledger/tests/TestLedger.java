package io.runledger.tests;

import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.stack.LocalStack;
import io.runledger.stack.TopicsInit;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/**
 * One ledger on a stack: topics of one prefix, a consumer group, a database and a spool.
 *
 * @param stack where its topics are
 * @param configuration the settings that lead to it
 * @param propertiesFile the same settings for other processes
 */
record TestLedger(LocalStack stack, Configuration configuration, Path propertiesFile) {

  private static final AtomicInteger COUNT = new AtomicInteger();

  /**
   * A new ledger on the stack that the tests of this JVM share, with its files below {@code dir}.
   */
  static TestLedger shared(Path dir) throws IOException {
    return on(SharedStack.get(), dir);
  }

  /** A new ledger next to others on {@code stack}, with its files below {@code dir}. */
  static TestLedger on(LocalStack stack, Path dir) throws IOException {
    Path data = Files.createDirectories(dir.resolve("ledger"));
    Map<Setting, String> settings =
        Map.of(
            Setting.DATA_DIR, data.toString(),
            Setting.DB, data.resolve("runledger.db").toString(),
            Setting.SPOOL, Files.createDirectories(data.resolve("spool")).toString(),
            Setting.BOOTSTRAP_SERVERS, stack.bootstrapServers(),
            Setting.SCHEMA_REGISTRY_URL, stack.registryUrl(),
            Setting.TOPICS_PREFIX,
                "test-%d-%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet()));
    Map<String, String> flags = new HashMap<>();
    settings.forEach((setting, value) -> flags.put(setting.key(), value));
    Path file = data.resolve("ledger.properties");
    Properties properties = new Properties();
    properties.putAll(flags);
    try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      properties.store(writer, null);
    }
    Configuration configuration =
        Configuration.load(flags, Map.of("HOME", dir.toString()), Optional.empty());
    TopicsInit.of(configuration).init(Topics.DEFAULT_PARTITIONS, 1, false);
    return new TestLedger(stack, configuration, file);
  }

  /** The ledger that a stack comes with. */
  static TestLedger of(LocalStack stack) {
    return new TestLedger(stack, stack.configuration(), stack.propertiesFile());
  }

  TopicNames topics() {
    return new TopicNames(configuration.get(Setting.TOPICS_PREFIX));
  }

  String topic(Topics kind) {
    return topics().name(kind);
  }

  Path database() {
    return configuration.path(Setting.DB);
  }

  /** Where its database is, whatever the store. */
  DatabaseLocation location() {
    return configuration.database();
  }

  /** The same ledger with another database. */
  TestLedger withDatabase(String database) {
    return new TestLedger(stack, configuration.with(Setting.DB, database), propertiesFile);
  }

  Path spool() {
    return configuration.path(Setting.SPOOL);
  }

  /** What leads a process here. */
  Map<String, String> environment() {
    Map<String, String> environment =
        new HashMap<>(Map.of("RUNLEDGER_CONFIG", propertiesFile.toString()));
    if (location() instanceof DatabaseLocation.Server server) {
      environment.put("RUNLEDGER_DB", server.url());
    }
    return environment;
  }

  Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()));
  }

  /** The offset behind the newest record of each partition. */
  Map<TopicPartition, Long> ends() throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
      for (TopicDescription topic :
          admin.describeTopics(topics().all()).allTopicNames().get().values()) {
        topic
            .partitions()
            .forEach(
                partition ->
                    wanted.put(
                        new TopicPartition(topic.name(), partition.partition()),
                        OffsetSpec.latest()));
      }
      return admin.listOffsets(wanted).all().get().entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
    }
  }
}
