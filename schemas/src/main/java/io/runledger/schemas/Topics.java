package io.runledger.schemas;

import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.SlurmJobObserved;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * The four kinds of topic, what each contains, and the settings that make them a ledger. What they
 * are called on a cluster is said by {@link TopicNames}.
 */
public enum Topics {
  RUNS("runs"),
  METRICS("metrics"),
  ERRORS("errors"),
  SLURM("slurm");

  /**
   * Partitions of each topic by default. The same in all four, so that one key is in the partition
   * of the same number everywhere.
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

  private final String word;

  Topics(String word) {
    this.word = word;
  }

  /**
   * Where an event belongs.
   *
   * @throws IllegalArgumentException when the record is not an event
   */
  public static Topics of(SpecificRecord event) {
    if (event instanceof MetricsLogged) {
      return METRICS;
    }
    if (event instanceof RunEvent) {
      return RUNS;
    }
    if (event instanceof ErrorLogged) {
      return ERRORS;
    }
    if (event instanceof SlurmJobObserved) {
      return SLURM;
    }
    throw new IllegalArgumentException("A %s is not an event.".formatted(event.getSchema()));
  }

  /** The kind in a word: the end of the topic's name. */
  public String word() {
    return word;
  }

  /**
   * How events and rows name the kind, on every cluster: {@code runledger.} and the word. It is
   * part of an event's identity, which a spool knows before anybody knows where it is sent to.
   */
  public String streamName() {
    return "runledger." + word;
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
}
