package io.runledger.service;

import io.runledger.schemas.TopicNames;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.TopicPartition;

/** Brokers that answer what a test wants. Thread-safe. */
final class FakeBrokers implements Brokers {

  static final String CLUSTER = "cluster-a";

  final Map<TopicPartition, LogState.PartitionLog> partitions = new ConcurrentHashMap<>();
  final List<String> forgetfulSettings = new CopyOnWriteArrayList<>();
  final List<String> otherMembers = new CopyOnWriteArrayList<>();
  volatile boolean away;

  @Override
  public TopicNames topics() {
    return TopicNames.DEFAULT;
  }

  @Override
  public LogState inspect() {
    requireThere();
    return new LogState(CLUSTER, partitions);
  }

  @Override
  public List<String> forgetfulSettings() {
    requireThere();
    return List.copyOf(forgetfulSettings);
  }

  @Override
  public List<String> otherMembers(String group, String instanceId) {
    requireThere();
    return List.copyOf(otherMembers);
  }

  private void requireThere() {
    if (away) {
      throw new LogInspector.BrokersUnavailableException("The brokers do not answer.", null);
    }
  }
}
