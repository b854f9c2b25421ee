package io.runledger.schemas;

import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.SlurmJobObserved;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/** The four topics, what stands in each, and the settings that make them a ledger. */
public enum Topics {
  RUNS("runledger.runs"),
  METRICS("runledger.metrics"),
  ERRORS("runledger.errors"),
  SLURM("runledger.slurm");

  /**
   * Partitions of each topic where nobody says otherwise. The same in all four, so that one key is
   * in the partition of the same number everywhere.
   */
  public static final int DEFAULT_PARTITIONS = 4;

  /**
   * Settings without which history is lost: nothing is deleted by age, size or key, and the
   * broker's clock stamps the records, because a job's clock may be days off.
   */
  public static final Map<String, String> REQUIRED_CONFIG =
      Map.of(
          "cleanup.policy", "delete",
          "retention.ms", "-1",
          "retention.bytes", "-1",
          "message.timestamp.type", "LogAppendTime");

  private final String topic;

  Topics(String topic) {
    this.topic = topic;
  }

  /** Name of the topic in Kafka. */
  public String topic() {
    return topic;
  }

  /** Our schema of the topic's values. */
  public Schema schema() {
    return switch (this) {
      case RUNS -> RunEvent.getClassSchema();
      case METRICS -> MetricsLogged.getClassSchema();
      case ERRORS -> ErrorLogged.getClassSchema();
      case SLURM -> SlurmJobObserved.getClassSchema();
    };
  }

  /** Subject of the schema in the registry. */
  public String subject() {
    return topic + "-value";
  }

  /** The names of all four, in a fixed order. */
  public static List<String> names() {
    return List.of(RUNS.topic, METRICS.topic, ERRORS.topic, SLURM.topic);
  }

  /** The topic with this name; empty for any other name. */
  public static Optional<Topics> ofName(String topic) {
    for (Topics candidate : values()) {
      if (candidate.topic.equals(topic)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }
}
