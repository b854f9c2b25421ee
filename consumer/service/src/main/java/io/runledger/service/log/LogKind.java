package io.runledger.service.log;

import io.runledger.fold.batch.Position;
import org.apache.kafka.common.TopicPartition;

/** What a log consists of, in the words in which people are told what is missing of it. */
public enum LogKind {
  /** Topics of Kafka. */
  TOPICS {
    @Override
    public String another(Position stored, String found) {
      return "The database was filled from cluster %s, and these brokers are cluster %s (topic %s partition %d, stored %d). Check bootstrap.servers first."
          .formatted(
              stored.clusterId(), found, stored.topic(), stored.partition(), stored.nextOffset());
    }

    @Override
    String recreated(Position stored, String found) {
      return "Topic %s was deleted and recreated (partition %d: id %s stored, id %s found); its old events are gone."
          .formatted(stored.topic(), stored.partition(), stored.topicId(), found);
    }

    @Override
    String shortened(Position stored, long end) {
      return "Projection ahead of log: topic %s partition %d has stored %d, and the log ends at %d; the log lost its last records."
          .formatted(stored.topic(), stored.partition(), stored.nextOffset(), end);
    }

    @Override
    String option(TopicPartition partition) {
      return "--topic " + partition.topic() + " --partition " + partition.partition();
    }
  },
  /** Files of a spool. */
  FILES {
    @Override
    public String another(Position stored, String found) {
      return "The database was filled from %s, and this is another spool, %s (the database holds %s up to byte %d). Specify its spool with --spool, or, if that is lost, move the database away to have one built from this spool."
          .formatted(stored.clusterId(), found, stored.topic(), stored.nextOffset());
    }

    @Override
    String recreated(Position stored, String found) {
      return "The file %s, of which %d bytes were applied, is not in the spool any more; its events are gone from there."
          .formatted(stored.topic(), stored.nextOffset());
    }

    @Override
    String shortened(Position stored, long end) {
      return "The file %s has %d bytes, and %d were applied; its end is gone."
          .formatted(stored.topic(), end, stored.nextOffset());
    }

    @Override
    String option(TopicPartition partition) {
      return "--all";
    }
  };

  /**
   * That the log is not the one of the stored position.
   *
   * @param found what stands for the cluster of the log
   */
  public abstract String another(Position stored, String found);

  /**
   * That a partition is not the one of the stored position.
   *
   * @param found the id of the topic that has its name now, or "none"
   */
  abstract String recreated(Position stored, String found);

  /** That a partition ends before the stored position. */
  abstract String shortened(Position stored, long end);

  /** How an operator names a partition to 'runledger accept-gap'. */
  abstract String option(TopicPartition partition);
}
