package io.runledger.web.live;

import io.runledger.query.LedgerWatch;
import io.runledger.query.LedgerWatch.Changes;
import io.runledger.query.failure.LedgerException;
import io.runledger.schemas.RunId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for changes on one thread, for all who listen, four times a second; while nobody listens it
 * does not look. Keeps the last changes, so that a listener that was slow misses none of them.
 * Thread-safe.
 */
public final class ChangeFeed implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(ChangeFeed.class);
  private static final long INTERVAL_MS = 250;

  /** More runs than this in one message are all runs. */
  private static final int MOST_RUNS = 1_000;

  /** Messages that are kept; a listener further behind is told that all may have changed. */
  private static final int KEPT = 64;

  /**
   * What changed up to a position.
   *
   * @param position grows with each change
   */
  public record Message(long position, Set<RunId> runs, boolean isAll) {}

  private final LedgerWatch watch;
  private final Deque<Message> kept = new ArrayDeque<>();
  private final Thread thread = new Thread(this::run, "runledger-changes");
  private long position;
  private int listeners;
  private boolean isClosed;

  public ChangeFeed(LedgerWatch watch) {
    this.watch = watch;
    thread.setDaemon(true);
    thread.start();
  }

  /** Begins to listen; what happens from now on is behind the position that this returns. */
  public synchronized long listen() {
    if (listeners++ == 0) {
      notifyAll();
    }
    return position;
  }

  /** Ends what {@link #listen} began. */
  public synchronized void leave() {
    listeners--;
  }

  /** How many listen now. */
  public synchronized int listeners() {
    return listeners;
  }

  /**
   * Waits for what changed behind a position, and returns it all in one; without runs when nothing
   * did in this time, and null when the feed was closed.
   */
  public synchronized Message await(long behind, long timeoutMs) throws InterruptedException {
    long end = System.nanoTime() + timeoutMs * 1_000_000;
    while (!isClosed && position == behind) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return new Message(behind, Set.of(), false);
      }
      wait(left);
    }
    if (isClosed) {
      return null;
    }
    Set<RunId> runs = new HashSet<>();
    boolean isAll = kept.isEmpty() || kept.peekFirst().position() > behind + 1;
    for (Message message : kept) {
      if (message.position() > behind) {
        runs.addAll(message.runs());
        isAll |= message.isAll();
      }
    }
    isAll |= runs.size() > MOST_RUNS;
    return new Message(position, isAll ? Set.of() : Set.copyOf(runs), isAll);
  }

  private void run() {
    // What is there now is not news.
    look();
    try {
      while (isListenedTo()) {
        look();
        Thread.sleep(INTERVAL_MS);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private synchronized boolean isListenedTo() throws InterruptedException {
    while (!isClosed && listeners == 0) {
      wait();
    }
    return !isClosed;
  }

  private void look() {
    try {
      Changes changes = watch.changes();
      if (!changes.isEmpty()) {
        boolean isAll = changes.isAll() || changes.runs().size() > MOST_RUNS;
        publish(isAll ? Set.of() : changes.runs(), isAll);
      }
    } catch (LedgerException e) {
      // Who asks for data learns it; the next look may succeed.
      logger.debug("The database cannot be watched.", e);
    }
  }

  private synchronized void publish(Set<RunId> runs, boolean isAll) {
    position++;
    kept.addLast(new Message(position, runs, isAll));
    if (kept.size() > KEPT) {
      kept.removeFirst();
    }
    notifyAll();
  }

  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
    thread.interrupt();
    try {
      thread.join(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watch.close();
  }
}
