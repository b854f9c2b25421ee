package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a spool to Kafka in its own thread: what living writers append, as they append it, and what
 * dead ones left. Events leave the spool only when the broker has acknowledged them; while it
 * cannot be reached they stay. Thread-safe.
 */
public final class SpoolSender extends RunningSender {

  private static final Logger LOG = LoggerFactory.getLogger(SpoolSender.class);

  /**
   * Writers of others that a training's own sender has open: its descriptors are the training's.
   */
  private static final int PLACES_IN_A_JOB = 4;

  private static final int PLACES = 64;

  /**
   * How much may be read and not acknowledged, beyond one chunk per place: fits a heap of 64 MB.
   */
  private static final long BYTES_A_PLACE = 256 << 10;

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final Duration SCAN = Duration.ofSeconds(2);

  /** Scanning a large directory must not keep the job's machine busy. */
  private static final int SCAN_SHARE = 20;

  private static final Duration SAVE = Duration.ofSeconds(1);

  private final Path spool;
  private final EventProducer producer;
  private final long mostBytes;
  private final SkippedWriters unserved = new SkippedWriters();
  private final Undelivered undelivered = new Undelivered();
  private final OpenSources sources;
  private boolean isIdle;
  private boolean scanNow = true;
  private boolean scanBeforeIdle;

  /** Whether the pause is to end early. */
  private boolean isAsked;

  /** Not before is one made that is asked for. */
  private long mayScan = System.nanoTime();

  private long nextScan;
  private long nextSave;

  private SpoolSender(Path spool, Configuration configuration, int places) {
    this(spool, configuration, places, new EventProducer(configuration));
  }

  public SpoolSender(Path spool, Configuration configuration, int places, EventProducer producer) {
    super(spool);
    this.spool = spool;
    this.mostBytes = places * BYTES_A_PLACE;
    this.producer = producer;
    this.sources = new OpenSources(spool, configuration, unserved, undelivered, places);
  }

  /** Starts to send what a job appends, and also what others left in its spool. */
  public static SpoolSender startInJob(Path spool, Configuration configuration) {
    return new SpoolSender(spool, configuration, PLACES_IN_A_JOB).start();
  }

  /** Starts to send what is in the spool and what comes. */
  public static SpoolSender start(Path spool, Configuration configuration) {
    return start(spool, configuration, 1);
  }

  /** As above, as one of several senders in this process. */
  public static SpoolSender start(Path spool, Configuration configuration, int senders) {
    int places = Math.max(PLACES_IN_A_JOB, PLACES / senders);
    return new SpoolSender(spool, configuration, places).start();
  }

  public SpoolSender start() {
    begin();
    return this;
  }

  /** Which writers nobody could send, as a sentence; empty when there are none. */
  Optional<String> skipped() {
    return unserved.sentence();
  }

  /** What did not arrive although it no longer waits, as a sentence; empty when there is none. */
  Optional<String> undelivered() {
    return undelivered.sentence();
  }

  @Override
  public void wakeUp() {
    lock.lock();
    try {
      scanNow = true;
      endPause();
    } finally {
      lock.unlock();
    }
  }

  @Override
  protected BooleanSupplier askWhetherIdle() {
    isIdle = false;
    scanBeforeIdle = true;
    endPause();
    return () -> isIdle;
  }

  @Override
  protected void sendUntilStopped() {
    try {
      removeAbandoned();
      while (!isStopping()) {
        boolean busy = round();
        pause(busy);
      }
    } finally {
      producer.close();
      sources.close();
    }
  }

  private void removeAbandoned() {
    try {
      SpoolDirectory.removeAbandoned(spool);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot remove the leftovers of killed jobs in {}; this is harmless.", spool, e);
    }
  }

  private boolean round() {
    try {
      boolean asked = takeScanRequest(sources.isWaiting());
      if (asked || System.nanoTime() - nextScan >= 0 || sources.isMoreThere()) {
        long begin = System.nanoTime();
        sources.look();
        hasScanned(System.nanoTime() - begin);
      }
      sources.fill();
      boolean busy = trouble.isWaiting() || sendAll();
      if (System.nanoTime() - nextSave >= 0) {
        producer.replaceDeadClient();
        sources.saveProgress();
        nextSave = System.nanoTime() + SAVE.toNanos();
      }
      if (!busy && !sources.isWaiting()) {
        noteIdle();
      }
      return busy || sources.isWaiting();
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      // The job continues whatever happens here, so the sending does too.
      trouble.met(e);
      return true;
    }
  }

  /** Advances every source; returns whether some event still waits. */
  private boolean sendAll() throws IOException {
    List<SpoolSource> all = sources.all();
    long bytes = all.stream().mapToLong(SpoolSource::bytesWaiting).sum();
    boolean busy = false;
    Optional<BrokerException> refused = Optional.empty();
    for (SpoolSource source : all) {
      long before = source.bytesWaiting();
      if (before == 0 && bytes >= mostBytes) {
        // It is read when others are through: what is read stays in memory until then.
        busy = true;
        continue;
      }
      try {
        busy |= send(source);
      } catch (EventProducer.NoBrokerException e) {
        // no other writer will fare better
        throw e;
      } catch (BrokerException e) {
        refused = refused.or(() -> Optional.of(e));
      } catch (IOException | RuntimeException e) {
        sources.drop(source, e);
      } finally {
        count(source.takeAcknowledged());
        bytes += source.bytesWaiting() - before;
      }
    }
    if (refused.isPresent()) {
      throw refused.get();
    }
    return busy;
  }

  private boolean send(SpoolSource source) throws IOException {
    boolean waiting = source.send(producer);
    sources.setIdle(source, !waiting);
    if (waiting || !source.isDone()) {
      return waiting;
    }
    sources.remove(source);
    if (source.hasObserved()) {
      wakeUp();
    }
    return false;
  }

  private void count(long acknowledged) {
    if (acknowledged == 0) {
      return;
    }
    trouble.isOver();
    haveArrived(acknowledged);
  }

  private void hasScanned(long tookNanos) {
    long now = System.nanoTime();
    nextScan = now + Math.max(SCAN.toNanos(), SCAN_SHARE * tookNanos);
    lock.lock();
    try {
      // Whoever asks with each event is answered for several at a time.
      mayScan = now + POLL_NANOS;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeScanRequest(boolean isWaiting) {
    lock.lock();
    try {
      if (System.nanoTime() - mayScan < 0) {
        return false;
      }
      // Whether all is sent is asked several times a second: a large spool is not listed for that
      // as long as some of it waits anyway.
      boolean asked = scanNow || (scanBeforeIdle && !isWaiting);
      scanNow = false;
      scanBeforeIdle &= isWaiting;
      return asked;
    } finally {
      lock.unlock();
    }
  }

  private void noteIdle() {
    lock.lock();
    try {
      // A caller that asked since the last scan waits for the next: another process may have left
      // something.
      if (!scanNow && !scanBeforeIdle) {
        isIdle = true;
        signalIdle();
      }
    } finally {
      lock.unlock();
    }
  }

  private void endPause() {
    if (!isAsked) {
      isAsked = true;
      wake.signalAll();
    }
  }

  private void pause(boolean busy) {
    long end = System.nanoTime() + (busy ? POLL_NANOS / 4 : POLL_NANOS);
    lock.lock();
    try {
      long left = leftOfPause(end);
      while (!isStopping() && left > 0) {
        left = Math.min(wake.awaitNanos(left), leftOfPause(end));
      }
      isAsked = false;
    } catch (InterruptedException e) {
      stop();
    } finally {
      lock.unlock();
    }
  }

  private long leftOfPause(long end) {
    long now = System.nanoTime();
    return isAsked ? Math.min(end - now, mayScan - now) : end - now;
  }
}
