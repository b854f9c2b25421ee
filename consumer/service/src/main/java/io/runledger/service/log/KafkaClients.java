package io.runledger.service.log;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.serde.kafka.BoundedConsumer;
import io.runledger.serde.kafka.BrokerProbe;
import io.runledger.serde.kafka.KafkaClientFailure;
import io.runledger.serde.kafka.KafkaClientGuard;
import io.runledger.service.group.CoPartitionedStickyAssignor;
import io.runledger.service.group.DatabaseTag;
import io.runledger.service.stop.LogUnreadableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Makes the Kafka clients of this room, with the settings that the promises rest on. */
public final class KafkaClients {

  /** Below it a record may be delivered to a wrong topic (KAFKA-19012). */
  private static final int[] LOWEST_VERSION = {4, 2, 0};

  /** Added partitions and changed topic ids are seen within this time, in milliseconds. */
  private static final int METADATA_AGE_MS = 30_000;

  /** A rebuild reads all partitions as fast as it can: fewer, larger fetches. */
  private static final int REPLAY_FETCH_BYTES = 4 << 20;

  /** Kafka's own default of session.timeout.ms. */
  private static final long DEFAULT_SESSION_MS = 45_000;

  /**
   * The others take over the partitions of a member that was killed after this time, in
   * milliseconds: five heartbeats. Whoever is thought dead and is not loses a batch, and no more.
   */
  private static final int SESSION_OF_SEVERAL_MS = 15_000;

  private final Map<String, Object> settings;
  private final int batchRecords;
  private final TopicNames topics;

  public KafkaClients(Configuration configuration) {
    requireVersion(clientVersion());
    settings = new HashMap<>(configuration.kafka());
    // The registry's keys share the map; to Kafka's clients they are unknown and cost a warning.
    settings
        .keySet()
        .removeIf(
            key ->
                key.startsWith("schema.registry.")
                    || key.startsWith("basic.auth.")
                    || key.equals("auto.register.schemas"));
    topics = new TopicNames(configuration.get(Setting.TOPICS_PREFIX));
    batchRecords = configuration.integer(Setting.BATCH_MAX_RECORDS);
  }

  /** A sentence about what answers at the brokers' address, when it is not Kafka. */
  Optional<String> stranger() {
    return BrokerProbe.stranger(settings);
  }

  /** Where the brokers are, for sentences. */
  String brokers() {
    return String.valueOf(settings.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
  }

  /** What the topics are called there. */
  public TopicNames topics() {
    return topics;
  }

  /**
   * The only member of the group {@code group}, known to it as {@code instanceId} across restarts.
   */
  public Consumer<byte[], byte[]> member(String group, String instanceId) {
    return BoundedConsumer.of(memberSettings(group, instanceId));
  }

  /**
   * One of several members of the group {@code group}, each with its share of the partitions. It
   * has no name of its own there: however many are started on a machine, none fences another.
   *
   * @param database what it fills; a {@code client.id} that the user has set says it to nobody
   */
  public Consumer<byte[], byte[]> memberOfSeveral(String group, Optional<DatabaseTag> database) {
    return BoundedConsumer.of(severalSettings(group, database));
  }

  Map<String, Object> severalSettings(String group, Optional<DatabaseTag> database) {
    Map<String, Object> properties = reader();
    database.ifPresent(
        tag -> properties.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, tag.clientId()));
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    properties.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_OF_SEVERAL_MS);
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        List.of(CoPartitionedStickyAssignor.class));
    return properties;
  }

  Map<String, Object> memberSettings(String group, String instanceId) {
    Map<String, Object> properties = reader();
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instanceId);
    return properties;
  }

  /** A reader outside of any group. */
  public Consumer<byte[], byte[]> replayer() {
    return BoundedConsumer.of(replayerSettings());
  }

  Map<String, Object> replayerSettings() {
    Map<String, Object> properties = reader();
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    properties.putIfAbsent(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, REPLAY_FETCH_BYTES);
    return properties;
  }

  /** How long a member that was killed stays in the group, and a little more. */
  public Duration session() {
    Object configured = settings.get(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG);
    long milliseconds =
        configured == null ? DEFAULT_SESSION_MS : Long.parseLong(configured.toString().trim());
    return Duration.ofMillis(milliseconds).plusSeconds(5);
  }

  Admin admin() {
    return KafkaClientGuard.limited(
        KafkaClientFailure.explained(settings, () -> Admin.create(settings)),
        KafkaClientGuard.READER_BYTES);
  }

  private Map<String, Object> reader() {
    Map<String, Object> properties = new HashMap<>(settings);
    properties.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MS);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, batchRecords);
    // From here on nothing is for the user to choose: a promise breaks with any other value.
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return properties;
  }

  /** Refuses a kafka-clients whose faults would make correct code wrong. */
  static void requireVersion(String version) {
    String[] parts = version.split("[.-]", -1);
    for (int i = 0; i < LOWEST_VERSION.length; i++) {
      int found = i < parts.length && parts[i].matches("\\d{1,6}") ? Integer.parseInt(parts[i]) : 0;
      if (found != LOWEST_VERSION[i]) {
        if (found < LOWEST_VERSION[i]) {
          throw new LogUnreadableException(
              "kafka-clients "
                  + version
                  + " is on the class path, but versions before 4.2.0 may deliver records to the"
                  + " wrong topic; use 4.2.0 or newer.");
        }
        return;
      }
    }
  }

  private static String clientVersion() {
    Properties properties = new Properties();
    try (InputStream in =
        KafkaConsumer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the version of kafka-clients from its jar.", e);
    }
    return properties.getProperty("version", "unknown");
  }
}
