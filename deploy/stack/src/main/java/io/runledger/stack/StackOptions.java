package io.runledger.stack;

import io.runledger.schemas.Topics;

/**
 * What may be chosen of a local stack.
 *
 * @param brokerPort port that the broker gets if it is free; 0 for any
 * @param registryPort port that the registry gets if it is free; 0 for any
 * @param partitions partitions of each topic that is created
 */
public record StackOptions(int brokerPort, int registryPort, int partitions) {

  private static final int KAFKA_PORT = 9092;
  private static final int REGISTRY_PORT = 8081;

  /** The ports that everybody expects, where they are free. */
  public static StackOptions defaults() {
    return new StackOptions(KAFKA_PORT, REGISTRY_PORT, Topics.DEFAULT_PARTITIONS);
  }

  /** Any free ports, for tests. */
  public static StackOptions freePorts() {
    return new StackOptions(0, 0, Topics.DEFAULT_PARTITIONS);
  }
}
