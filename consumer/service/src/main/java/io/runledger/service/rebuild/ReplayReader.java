package io.runledger.service.rebuild;

import io.runledger.service.log.LogReader;
import io.runledger.service.stop.LogUnreadableException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;

/** The reading half of a {@link Replay}, for a thread of its own. */
final class ReplayReader implements Runnable {

  private final LogReader reader;
  private final BlockingQueue<LogReader.Chunk> chunks;
  private volatile Optional<RuntimeException> failure = Optional.empty();
  private volatile boolean ending;
  private volatile boolean done;

  ReplayReader(LogReader reader, BlockingQueue<LogReader.Chunk> chunks) {
    this.reader = reader;
    this.chunks = chunks;
  }

  /** Why it ended early. */
  Optional<RuntimeException> failure() {
    return failure;
  }

  /** Whether nothing more comes into the queue. */
  boolean isDone() {
    return done;
  }

  void end() {
    ending = true;
    reader.end();
  }

  @Override
  public void run() {
    try (reader) {
      Optional<LogReader.Chunk> chunk = reader.next();
      while (chunk.isPresent() && !ending) {
        chunks.put(chunk.get());
        chunk = reader.next();
      }
    } catch (InterruptedException e) {
      if (!ending) {
        failure = Optional.of(new IllegalStateException("The reader was interrupted.", e));
      }
    } catch (RuntimeException e) {
      failure = Optional.of(e);
    } catch (Error e) {
      // Whoever waits for the next chunk would wait for ever.
      failure =
          Optional.of(
              new LogUnreadableException(
                  "Reading the log failed: "
                      + e
                      + "; nothing was changed. With more memory"
                      + " (RUNLEDGER_JAVA_OPTS=-Xmx1g) it may succeed.",
                  e));
    } finally {
      done = true;
    }
  }
}
