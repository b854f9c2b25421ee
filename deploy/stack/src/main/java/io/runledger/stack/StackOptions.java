package io.runledger.stack;

import io.runledger.config.DatabaseLocation;
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
 * @param server the database on a server that the settings lead to; empty for the one of the last
 *     start, and for a file in the stack's directory where there was none
 */
public record StackOptions(
    int brokerPort,
    int registryPort,
    int partitions,
    TopicNames topics,
    Optional<String> otherBroker,
    Optional<DatabaseLocation.Server> server) {

  private static final int KAFKA_PORT = 9092;
  private static final int REGISTRY_PORT = 8081;

  /** The ports that everybody expects, where they are free. */
  public static StackOptions defaults() {
    return of(KAFKA_PORT, REGISTRY_PORT, Optional.empty());
  }

  /** Any free ports, for tests. */
  public static StackOptions freePorts() {
    return of(0, 0, Optional.empty());
  }

  private static StackOptions of(int brokerPort, int registryPort, Optional<String> otherBroker) {
    return new StackOptions(
        brokerPort,
        registryPort,
        Topics.DEFAULT_PARTITIONS,
        TopicNames.DEFAULT,
        otherBroker,
        Optional.empty());
  }

  /** The same with topics of these names. */
  public StackOptions with(TopicNames names) {
    return new StackOptions(brokerPort, registryPort, partitions, names, otherBroker, server);
  }

  /** The same with a database on a server. */
  public StackOptions with(DatabaseLocation.Server database) {
    return new StackOptions(
        brokerPort, registryPort, partitions, topics, otherBroker, Optional.of(database));
  }

  /** The registry alone, next to a broker that runs already at this address. */
  public static StackOptions besideBroker(String address) {
    return of(0, 0, Optional.of(address));
  }
}
