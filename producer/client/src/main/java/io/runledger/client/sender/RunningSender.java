package io.runledger.client.sender;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Sends a spool in its own thread, wherever its events go: what living writers append, and what
 * dead ones left. What has not arrived stays in the spool. How the thread is started, asked,
 * counted and stopped is here; what a round does and when one is due, in the subclass. Thread-safe.
 */
public abstract class RunningSender implements AutoCloseable {

  /** How long {@link #close} waits for a round that does not end; the thread is a daemon. */
  private static final Duration LAST_ROUND = Duration.ofSeconds(3);

  /** Guards what the thread and its callers share, here and in the subclass. */
  protected final ReentrantLock lock = new ReentrantLock();

  /** Signalled when the thread may have something to do. */
  protected final Condition wake = lock.newCondition();

  /** Of the thread alone, but for its sentence. */
  protected final SenderError trouble;

  private final Condition idle = lock.newCondition();
  private final Thread thread = new Thread(this::run, "runledger-sender");
  private boolean stopping;
  private long sentEvents;

  /** Of the sender of a spool; {@link #begin} starts it. */
  protected RunningSender(Path spool) {
    this.trouble = new SenderError(spool);
    thread.setDaemon(true);
  }

  /** Starts the thread, once. */
  protected final void begin() {
    thread.start();
  }

  private void run() {
    try {
      sendUntilStopped();
    } finally {
      signalIdle();
    }
  }

  /** Sends round by round until {@link #isStopping}, and then releases what it holds. */
  protected abstract void sendUntilStopped();

  /**
   * Asks the thread whether all has arrived that is in the spool now; called with the lock held.
   *
   * @return whether it has; also called with the lock held, whenever {@link #signalIdle} was
   */
  protected abstract BooleanSupplier askWhetherIdle();

  /** Ends a round that waits for somebody else; for a sender whose rounds may do so. */
  protected void cutShort() {}

  /** Lets those who wait in {@link #awaitIdle} look again. */
  protected final void signalIdle() {
    lock.lock();
    try {
      idle.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** So many events have arrived, in addition. */
  protected final void haveArrived(long events) {
    lock.lock();
    try {
      sentEvents += events;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the thread is to end. */
  protected final boolean isStopping() {
    lock.lock();
    try {
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  /** The thread is to end after this round. */
  protected final void stop() {
    lock.lock();
    try {
      stopping = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Makes it look for new writers now instead of some seconds later. */
  public abstract void wakeUp();

  /** Waits until everything in the spool has arrived; false when the time is over first. */
  public final boolean awaitIdle(Duration atMost) {
    long left = atMost.toNanos();
    lock.lock();
    try {
      BooleanSupplier isIdle = askWhetherIdle();
      while (!isIdle.getAsBoolean() && left > 0 && thread.isAlive()) {
        left = idle.awaitNanos(left);
      }
      return isIdle.getAsBoolean();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** What keeps it from sending, as a sentence; empty when nothing does. */
  public final Optional<String> trouble() {
    return trouble.sentence();
  }

  /** Events that have arrived by this sender. */
  public final long sentEvents() {
    lock.lock();
    try {
      return sentEvents;
    } finally {
      lock.unlock();
    }
  }

  /** Stops sending; what has not arrived stays in the spool for the next sender. */
  @Override
  public final void close() {
    stop();
    cutShort();
    try {
      thread.join(LAST_ROUND.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
