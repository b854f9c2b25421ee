package io.runledger.stack;

import io.runledger.config.Configuration;
import io.runledger.schemas.Topics;
import io.runledger.serde.kafka.BrokerProbe;
import io.runledger.serde.kafka.KafkaClientFailure;
import io.runledger.serde.kafka.KafkaClientGuard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;

/**
 * A cluster that may be unreachable: every wait for an answer is bounded, and closing does not wait
 * at all. Thread-safe.
 */
final class Cluster implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * Time until the first answer, before it is known whether the cluster is up: 4 s of it may pass
   * while a server that hangs is asked what it is.
   */
  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(17);

  /** A cluster that turned out to be Kafka late is still asked. */
  private static final Duration LEAST_PATIENCE = Duration.ofMillis(500);

  /** What Kafka's client needs to end its thread. */
  private static final Duration CLOSING = Duration.ofMillis(500);

  private final Admin client;
  private final Object servers;
  private final Duration firstPatience;
  private final long began;

  private Cluster(Admin client, Object servers, Duration firstPatience, long began) {
    this.client = client;
    this.servers = servers;
    this.firstPatience = firstPatience;
    this.began = began;
  }

  /**
   * The cluster of these settings.
   *
   * @throws StackFailedException when something other than Kafka answers there
   */
  static Cluster of(Configuration configuration) {
    return of(configuration, FIRST_PATIENCE);
  }

  /** The same, with this time from now until the first answer. */
  static Cluster of(Configuration configuration, Duration firstPatience) {
    long began = System.nanoTime();
    Map<String, Object> settings = new HashMap<>(configuration.kafka());
    settings.keySet().retainAll(AdminClientConfig.configNames());
    BrokerProbe.stranger(settings)
        .ifPresent(
            sentence -> {
              throw new StackFailedException(sentence);
            });
    Admin client =
        KafkaClientGuard.limited(
            KafkaClientFailure.explained(settings, () -> Admin.create(settings)),
            KafkaClientGuard.READER_BYTES);
    return new Cluster(
        client, settings.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG), firstPatience, began);
  }

  Admin client() {
    return client;
  }

  /** Its address, as configured. */
  Object servers() {
    return servers;
  }

  /** The topics that exist. */
  Set<String> topics() {
    Duration left = firstPatience.minusNanos(System.nanoTime() - began);
    return answer(
        "the topics of " + servers,
        client.listTopics().names(),
        left.compareTo(LEAST_PATIENCE) > 0 ? left : LEAST_PATIENCE,
        firstPatience);
  }

  /** A topic setting with which Runledger loses or misdates history. */
  record WrongSetting(ConfigResource topic, String key, String found, String required) {}

  /** The settings of that kind of these topics. */
  List<WrongSetting> wrongSettings(List<String> topics) {
    List<ConfigResource> resources =
        topics.stream().map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList();
    Map<ConfigResource, Config> settings =
        answer("the topics' settings", client.describeConfigs(resources).all());
    List<WrongSetting> wrong = new ArrayList<>();
    for (ConfigResource resource : resources) {
      Topics.REQUIRED_CONFIG.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(
              required -> {
                String found = settings.get(resource).get(required.getKey()).value();
                if (!found.equals(required.getValue())) {
                  wrong.add(
                      new WrongSetting(resource, required.getKey(), found, required.getValue()));
                }
              });
    }
    return wrong;
  }

  /**
   * Waits for an answer.
   *
   * @param what what was asked for, in words
   * @throws StackFailedException when the cluster refuses, or does not answer in time
   */
  static <T> T answer(String what, KafkaFuture<T> future) {
    return answer(what, future, PATIENCE, PATIENCE);
  }

  private static <T> T answer(
      String what, KafkaFuture<T> future, Duration left, Duration patience) {
    try {
      return future.get(left.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new StackFailedException(
          "Kafka refuses " + what + ": " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new StackFailedException(
          "Kafka does not answer (asked for %s, waited %d s); check bootstrap.servers."
              .formatted(what, patience.toSeconds()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackFailedException("Interrupted while asking for " + what + ".", e);
    }
  }

  @Override
  public void close() {
    client.close(CLOSING);
  }
}
