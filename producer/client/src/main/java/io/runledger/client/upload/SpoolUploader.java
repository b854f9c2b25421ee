package io.runledger.client.upload;

import io.runledger.client.sender.RunningSender;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Sends a spool to a server in its own thread, round by round. While the server does not take
 * events, they stay where they are, and nobody waits. Thread-safe.
 */
final class SpoolUploader extends RunningSender {

  /** Each round asks with whole segments: more often would mean as many small files. */
  private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(3);

  /**
   * A round through a large directory, or on a slow network, is not followed by the next at once.
   */
  private static final int ROUND_SHARE = 5;

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path spool;
  private final GatewayClient client;
  private final Function<Path, Optional<SpoolWriter>> own;
  private final Map<Path, SpoolUpload.Kept> kept = new HashMap<>();

  /** Rounds are asked for one after the other: the last that was, was begun, and sent all. */
  private long asked;

  private long begun;
  private long complete;

  private long nextRound = System.nanoTime();

  /**
   * The sender of a spool; {@link #start} starts it.
   *
   * @param own the writer of this process that appends to a directory of the spool, if there is one
   */
  SpoolUploader(Path spool, Destination.Server server, Function<Path, Optional<SpoolWriter>> own) {
    super(spool);
    this.spool = spool;
    this.client = new GatewayClient(server);
    this.own = own;
  }

  SpoolUploader start() {
    begin();
    return this;
  }

  @Override
  protected void sendUntilStopped() {
    while (awaitRound()) {
      round();
    }
  }

  /** Waits until a round is due; false when there will be none. */
  private boolean awaitRound() {
    lock.lock();
    try {
      while (!isStopping()) {
        boolean isDue = asked > begun || System.nanoTime() - nextRound >= 0;
        if (isDue && !trouble.isWaiting()) {
          begun = asked;
          return true;
        }
        wake.awaitNanos(
            trouble.isWaiting() ? POLL_NANOS : Math.max(1, nextRound - System.nanoTime()));
      }
      return false;
    } catch (InterruptedException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void round() {
    long from = System.nanoTime();
    Optional<UploadReport> report = Optional.empty();
    try {
      SpoolUpload upload =
          new SpoolUpload(
              spool,
              client,
              from,
              SpoolUpload.Limits.IN_A_JOB,
              trouble.sentence().isEmpty() ? this::ended : own,
              kept);
      report = Optional.of(upload.run());
      report
          .flatMap(UploadReport::trouble)
          .ifPresentOrElse(sentence -> met(new IOException(sentence)), trouble::isOver);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      // The job continues whatever happens here, so the sending does too.
      met(e);
    }
    count(report, from);
  }

  private void met(Throwable cause) {
    // A request that was ended by close() says nothing of the server.
    if (!isStopping()) {
      trouble.met(cause);
    }
  }

  /** As long as the server takes events: what it does not take should not become many files. */
  private Optional<SpoolWriter> ended(Path directory) {
    Optional<SpoolWriter> writer = own.apply(directory);
    writer.ifPresent(SpoolWriter::endSegments);
    return writer;
  }

  private void count(Optional<UploadReport> report, long from) {
    long now = System.nanoTime();
    lock.lock();
    try {
      haveArrived(report.map(UploadReport::events).orElse(0L));
      if (report.isPresent() && report.get().trouble().isEmpty()) {
        complete = begun;
        long rest = Math.min(LONGEST_PAUSE.toNanos(), ROUND_SHARE * (now - from));
        nextRound = now + Math.max(BETWEEN_ROUNDS.toNanos(), rest);
        signalIdle();
      } else {
        nextRound = now;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void wakeUp() {
    lock.lock();
    try {
      asked++;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  protected BooleanSupplier askWhetherIdle() {
    wakeUp();
    long mine = asked;
    return () -> complete >= mine;
  }

  @Override
  protected void cutShort() {
    client.close();
  }
}
