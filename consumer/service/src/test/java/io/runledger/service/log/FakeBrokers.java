package io.runledger.service.log;

import io.runledger.schemas.TopicNames;
import io.runledger.service.group.DatabaseTag;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.TopicPartition;

/** Brokers that answer what a test wants. Thread-safe. */
public final class FakeBrokers implements Brokers {

  static final String CLUSTER = "cluster-a";

  public final Map<TopicPartition, LogState.PartitionLog> partitions = new ConcurrentHashMap<>();
  public final List<String> forgetfulSettings = new CopyOnWriteArrayList<>();
  public final List<String> otherMembers = new CopyOnWriteArrayList<>();
  public final List<String> membersOfAnother = new CopyOnWriteArrayList<>();
  public volatile boolean away;

  @Override
  public TopicNames topics() {
    return TopicNames.DEFAULT;
  }

  @Override
  public LogState inspect() {
    requireThere();
    return new LogState(LogKind.TOPICS, CLUSTER, partitions);
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

  @Override
  public List<String> membersOfAnother(DatabaseTag database, String group) {
    requireThere();
    return List.copyOf(membersOfAnother);
  }

  private void requireThere() {
    if (away) {
      throw new LogInspector.BrokersUnavailableException("The brokers do not answer.", null);
    }
  }
}
