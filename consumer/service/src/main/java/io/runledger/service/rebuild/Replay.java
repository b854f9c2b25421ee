package io.runledger.service.rebuild;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.service.log.Cursor;
import io.runledger.service.log.LogReader;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.WholeLog;
import io.runledger.service.stop.StopException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the log from some positions up to fixed ends into a projection that has no readers yet. One
 * thread reads and decodes, the caller's writes: two cores have work.
 */
final class Replay {

  /** Slices between the threads: enough that neither waits long, few enough for a small heap. */
  private static final int AHEAD = 2;

  private final WholeLog log;

  Replay(WholeLog log) {
    this.log = log;
  }

  /**
   * What a replay did.
   *
   * @param offsets offsets read
   * @param result what became of the records there
   */
  record Replayed(long offsets, BatchResult result) {}

  /**
   * Replays, and leaves the projection's positions exactly at {@code ends}.
   *
   * @param schemas writer schemas that are known already, by registry id
   * @throws StopException when the log or the registry does not give what is needed
   */
  Replayed run(
      Projection projection,
      List<Position> from,
      Map<TopicPartition, Long> ends,
      Map<Integer, String> schemas,
      Progress progress)
      throws InterruptedException {
    Cursor cursor = new Cursor(from);
    long total = 0;
    for (Position position : from) {
      // A partition may begin behind its end, where all that was to be read of it was deleted.
      total += Math.max(0, ends.get(PositionCheck.partitionOf(position)) - position.nextOffset());
    }
    BlockingQueue<LogReader.Chunk> chunks = new ArrayBlockingQueue<>(AHEAD);
    ReplayReader reader = new ReplayReader(log.reader(from, ends, schemas), chunks);
    Thread thread = new Thread(reader, "runledger-replay-reader");
    thread.setDaemon(true);
    thread.start();
    try {
      return write(projection, cursor, total, reader, chunks, progress);
    } finally {
      reader.end();
      while (thread.isAlive()) {
        // The reader may wait for room; an interrupt instead would disturb the consumer's close.
        chunks.clear();
        thread.join(50);
      }
    }
  }

  private static Replayed write(
      Projection projection,
      Cursor cursor,
      long total,
      ReplayReader reader,
      BlockingQueue<LogReader.Chunk> chunks,
      Progress progress)
      throws InterruptedException {
    Replayed sum = new Replayed(0, BatchResult.NOTHING);
    while (true) {
      // Asked before the queue: what it put there before it was done is not missed.
      boolean isLast = reader.isDone();
      LogReader.Chunk chunk = chunks.poll(isLast ? 0 : 200, TimeUnit.MILLISECONDS);
      if (chunk == null) {
        if (isLast && reader.failure().isPresent()) {
          throw reader.failure().get();
        }
        if (isLast) {
          return sum;
        }
        continue;
      }
      chunk.schemas().forEach(projection::rememberSchema);
      List<Advance> advances = cursor.advances(chunk.next());
      if (advances.isEmpty()) {
        continue;
      }
      BatchResult result = projection.apply(new Batch(chunk.records(), advances));
      cursor.moved(advances);
      sum = add(sum, result, advances);
      progress.at(sum.offsets(), total, sum.result());
    }
  }

  private static Replayed add(Replayed sum, BatchResult result, List<Advance> advances) {
    long offsets = 0;
    for (Advance advance : advances) {
      offsets += advance.to().nextOffset() - advance.from().nextOffset();
    }
    return new Replayed(sum.offsets() + offsets, sum.result().plus(result));
  }
}
