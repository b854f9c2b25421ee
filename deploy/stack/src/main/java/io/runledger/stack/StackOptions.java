package io.runledger.stack;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.util.Optional;

/**
 * The options of a local stack.
 *
 * @param brokerPort port that the broker gets if it is free; 0 for any
 * @param registryPort port that the registry gets if it is free; 0 for any
 * @param partitions partitions of each topic that is created
 * @param topics names of the topics that are created
 * @param otherBroker host:port of a broker that runs already, to use instead of starting one
 */
public record StackOptions(
    int brokerPort,
    int registryPort,
    int partitions,
    TopicNames topics,
    Optional<String> otherBroker) {

  private static final int KAFKA_PORT = 9092;
  private static final int REGISTRY_PORT = 8081;

  /** The ports that everybody expects, where they are free. */
  public static StackOptions defaults() {
    return new StackOptions(
        KAFKA_PORT, REGISTRY_PORT, Topics.DEFAULT_PARTITIONS, TopicNames.DEFAULT, Optional.empty());
  }

  /** Any free ports, for tests. */
  public static StackOptions freePorts() {
    return new StackOptions(0, 0, Topics.DEFAULT_PARTITIONS, TopicNames.DEFAULT, Optional.empty());
  }

  /** The same with topics of these names. */
  public StackOptions with(TopicNames names) {
    return new StackOptions(brokerPort, registryPort, partitions, names, otherBroker);
  }

  /** The registry alone, next to a broker that runs already at this address. */
  public static StackOptions besideBroker(String address) {
    return new StackOptions(
        0, 0, Topics.DEFAULT_PARTITIONS, TopicNames.DEFAULT, Optional.of(address));
  }
}
