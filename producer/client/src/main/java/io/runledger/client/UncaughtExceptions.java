package io.runledger.client;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Tells runs of exceptions that end the thread which started them, and then whoever was told before
 * us. Thread-safe.
 *
 * <p>A run in try-with-resources is closed before the exception gets here, as if it had ended well.
 * What tells such a run from one that ended well earlier is time: nothing but closing stands
 * between the two moments, so the exception arrives within {@link #UNWINDING_NANOS} of the last
 * close.
 */
final class UncaughtExceptions {

  private static final long UNWINDING_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final Set<Tracker> TRACKERS = ConcurrentHashMap.newKeySet();
  private static final Map<Thread, Closed> LAST_CLOSED = new WeakHashMap<>();
  private static boolean installed;

  private record Closed(RunHandle run, long nanoTime) {}

  private UncaughtExceptions() {}

  static synchronized void tell(Tracker tracker) {
    TRACKERS.add(tracker);
    if (!installed) {
      installed = true;
      UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, error) -> {
            tellRuns(thread, error);
            if (before != null) {
              before.uncaughtException(thread, error);
            } else {
              // what the JVM does where nobody has set a handler
              System.err.print("Exception in thread \"" + thread.getName() + "\" ");
              error.printStackTrace();
            }
          });
    }
  }

  private static synchronized void tellRuns(Thread thread, Throwable error) {
    TRACKERS.stream()
        .flatMap(tracker -> tracker.runs().stream())
        .filter(run -> run.isOpenIn(thread))
        .forEach(run -> run.uncaught(error));
    boolean unwinding = mayBeUnwinding(thread);
    Closed last = LAST_CLOSED.remove(thread);
    if (unwinding) {
      last.run().uncaught(error);
    }
  }

  /** Whether the thread closed a run just now. */
  static synchronized boolean mayBeUnwinding(Thread thread) {
    Closed last = LAST_CLOSED.get(thread);
    return last != null && System.nanoTime() - last.nanoTime() < UNWINDING_NANOS;
  }

  /** A run said completed only because it was closed: perhaps an exception is passing by. */
  static synchronized void closedByItself(Thread thread, RunHandle run) {
    LAST_CLOSED.put(thread, new Closed(run, System.nanoTime()));
  }

  /** Closing the tracker took its time; the clock of the run that was closed before starts anew. */
  static synchronized void stillUnwinding(Thread thread) {
    LAST_CLOSED.computeIfPresent(
        thread, (same, closed) -> new Closed(closed.run(), System.nanoTime()));
  }

  static void forget(Tracker tracker) {
    TRACKERS.remove(tracker);
  }
}
