package io.runledger.service.log;

import io.runledger.fold.batch.IncomingRecord;
import io.runledger.service.stop.StopException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** Reads a log up to fixed ends. One thread reads; {@link #end} may be called by others. */
public interface LogReader extends AutoCloseable {

  /**
   * What one transaction applies.
   *
   * @param records in the order of each partition
   * @param next where each partition resumes after them
   * @param schemas the writer schemas that were met for the first time, by registry id
   */
  record Chunk(
      List<IncomingRecord> records,
      Map<TopicPartition, NextOffset> next,
      Map<Integer, String> schemas) {}

  /**
   * Waits for what follows.
   *
   * @return empty when all was read, or {@link #end} was called
   * @throws StopException when the log does not give what is needed
   */
  Optional<Chunk> next() throws InterruptedException;

  /** Has {@link #next} return soon. */
  void end();

  @Override
  void close();
}
