package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a spool to Kafka in its own thread: what living writers append, as they append it, and what
 * dead ones left. Events leave the spool only when the broker has acknowledged them; while it
 * cannot be reached they stay. Thread-safe.
 */
public final class SpoolSender implements RunningSender {

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

  private static final Duration TELL = Duration.ofMillis(250);
  private static final Duration SAVE = Duration.ofSeconds(1);

  private final Path spool;
  private final EventProducer producer;
  private final long mostBytes;
  private final SkippedWriters unserved = new SkippedWriters();
  private final Undelivered undelivered = new Undelivered();
  private final OpenSources sources;
  private final SenderError trouble;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private final Thread thread;
  private boolean stopping;
  private boolean isIdle;
  private boolean scanNow = true;
  private boolean scanBeforeIdle;

  /** Whether the pause is to end early. */
  private boolean isAsked;

  /** Not before is one made that is asked for. */
  private long mayScan = System.nanoTime();

  private long nextScan;
  private long nextSave;
  private long sentEvents;

  private SpoolSender(Path spool, Configuration configuration, int places) {
    this(spool, configuration, places, producer(configuration));
  }

  public SpoolSender(Path spool, Configuration configuration, int places, EventProducer producer) {
    this.spool = spool;
    this.trouble = new SenderError(spool);
    this.mostBytes = places * BYTES_A_PLACE;
    this.producer = producer;
    this.sources = new OpenSources(spool, configuration, unserved, undelivered, places);
    this.thread = new Thread(this::run, "runledger-sender");
    thread.setDaemon(true);
  }

  private static EventProducer producer(Configuration configuration) {
    return new EventProducer(
        new TopicNames(configuration.get(Setting.TOPICS_PREFIX)),
        configuration.kafka(),
        configuration.integer(Setting.RECORD_MAX_BYTES));
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
    thread.start();
    return this;
  }

  /**
   * Sends all there is now and returns when the broker has acknowledged it, or the time is over.
   *
   * @param atMost how long to try
   */
  public static DrainReport drain(Path spool, Configuration configuration, Duration atMost) {
    return drain(spool, configuration, atMost, sent -> {});
  }

  /** As above; {@code progress} receives several times a second how many events were sent. */
  public static DrainReport drain(
      Path spool, Configuration configuration, Duration atMost, LongConsumer progress) {
    DrainReport report = drained(spool, configuration, atMost, progress);
    // Its locks are released by now.
    Optional<String> left = remains(spool);
    return left.isEmpty()
        ? report
        : new DrainReport(
            report.events(),
            report.complete(),
            report.trouble(),
            Optional.of(
                Stream.concat(report.undelivered().stream(), left.stream())
                    .collect(Collectors.joining(" "))));
  }

  private static DrainReport drained(
      Path spool, Configuration configuration, Duration atMost, LongConsumer progress) {
    try (SpoolSender sender = start(spool, configuration)) {
      long end = System.nanoTime() + atMost.toNanos();
      boolean empty = false;
      while (!empty && end - System.nanoTime() > 0) {
        empty = sender.awaitIdle(TELL.compareTo(atMost) < 0 ? TELL : atMost);
        progress.accept(sender.sentEvents());
      }
      boolean complete = empty && sender.unserved.sentence().isEmpty();
      Optional<String> trouble = sender.trouble().or(sender.unserved::sentence);
      Optional<String> undelivered =
          Stream.of(sender.undelivered.sentence(), Quarantine.sentence(spool))
              .flatMap(Optional::stream)
              .reduce((one, other) -> one + " " + other);
      return new DrainReport(sender.sentEvents(), complete, trouble, undelivered);
    }
  }

  private static Optional<String> remains(Path spool) {
    try {
      return SpoolRemains.sentence(spool);
    } catch (IOException e) {
      return Optional.of("Cannot read what is left in %s (%s).".formatted(spool, e));
    }
  }

  /** Sends what was quarantined for its size, as far as the limits allow it now. */
  public static DrainReport drainQuarantine(
      Path spool, Configuration configuration, Duration atMost) {
    long events = 0;
    Optional<String> trouble = Optional.empty();
    try (EventProducer producer = producer(configuration)) {
      events =
          new QuarantinedEvents(spool, configuration, producer)
              .send(System.nanoTime() + atMost.toNanos());
    } catch (IOException e) {
      trouble = Optional.of(e.getMessage());
    }
    Optional<String> left = Quarantine.sentence(spool);
    return new DrainReport(events, trouble.isEmpty() && left.isEmpty(), trouble, left);
  }

  /** Bytes of all files that wait in a spool now, sent ones that are still there included. */
  public static long waitingBytes(Path spool) throws IOException {
    long bytes = 0;
    for (Path writer : SpoolDirectory.writers(spool)) {
      bytes += SpoolDirectory.bytes(writer);
    }
    for (Path file : SpoolDirectory.jsonLines(spool)) {
      bytes += file.toFile().length();
    }
    return bytes;
  }

  @Override
  public Optional<String> trouble() {
    return trouble.sentence();
  }

  @Override
  public long sentEvents() {
    lock.lock();
    try {
      return sentEvents;
    } finally {
      lock.unlock();
    }
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
  public boolean awaitIdle(Duration atMost) {
    long left = atMost.toNanos();
    lock.lock();
    try {
      isIdle = false;
      scanBeforeIdle = true;
      endPause();
      while (!isIdle && left > 0 && thread.isAlive()) {
        left = idle.awaitNanos(left);
      }
      return isIdle;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      removeAbandoned();
      while (!isStopping()) {
        boolean busy = round();
        pause(busy);
      }
    } finally {
      closeAll();
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
        signalIdle();
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
    lock.lock();
    try {
      sentEvents += acknowledged;
    } finally {
      lock.unlock();
    }
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

  private void signalIdle() {
    lock.lock();
    try {
      // A caller that asked since the last scan waits for the next: another process may have left
      // something.
      if (!scanNow && !scanBeforeIdle) {
        isIdle = true;
        idle.signalAll();
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
      while (!stopping && left > 0) {
        left = Math.min(wake.awaitNanos(left), leftOfPause(end));
      }
      isAsked = false;
    } catch (InterruptedException e) {
      stopping = true;
    } finally {
      lock.unlock();
    }
  }

  private long leftOfPause(long end) {
    long now = System.nanoTime();
    return isAsked ? Math.min(end - now, mayScan - now) : end - now;
  }

  private boolean isStopping() {
    lock.lock();
    try {
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  private void closeAll() {
    producer.close();
    sources.close();
    lock.lock();
    try {
      idle.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      stopping = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
