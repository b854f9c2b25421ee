package io.runledger.client;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Reports exceptions to the runs whose thread they end, and then to the handler that was set
 * before. Thread-safe.
 *
 * <p>A run in try-with-resources is closed before the exception gets here, as if it had ended well,
 * and so is a tracker, with the runs that it leaves open. What distinguishes such a run from one
 * that ended well earlier is time: nothing is between the end of the last close and the exception's
 * arrival here, so it arrives within {@link #UNWINDING_NANOS}. How long the closing itself takes,
 * on a slow disk for example, does not matter. A thread that begins another run is not on its way
 * out.
 */
final class UncaughtExceptions {

  /** How long a thread may wait for its turn on a busy machine. */
  private static final long UNWINDING_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Nanoseconds of a clock that only tests replace. */
  static LongSupplier clock = System::nanoTime;

  private static final Set<Tracker> TRACKERS = ConcurrentHashMap.newKeySet();
  private static final Map<Thread, Closed> LAST_CLOSED = new WeakHashMap<>();
  private static boolean installed;

  private record Closed(List<RunHandle> runs, long nanoTime) {

    boolean isJustBefore(long now) {
      return now - nanoTime < UNWINDING_NANOS;
    }
  }

  private UncaughtExceptions() {}

  static synchronized void report(Tracker tracker) {
    TRACKERS.add(tracker);
    if (!installed) {
      installed = true;
      UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, error) -> {
            reportToRuns(thread, error);
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

  private static void reportToRuns(Thread thread, Throwable error) {
    reportToRuns(thread, error, clock.getAsLong());
  }

  private static synchronized void reportToRuns(Thread thread, Throwable error, long arrived) {
    TRACKERS.stream()
        .flatMap(tracker -> tracker.runs().stream())
        .filter(run -> run.isOpenIn(thread))
        .forEach(run -> run.uncaught(error));
    Closed last = LAST_CLOSED.remove(thread);
    if (last != null && last.isJustBefore(arrived)) {
      last.runs().forEach(run -> run.uncaught(error));
    }
  }

  /** Whether this thread closed a run just now. */
  static boolean mayBeUnwinding() {
    long now = clock.getAsLong();
    return mayBeUnwinding(Thread.currentThread(), now);
  }

  private static synchronized boolean mayBeUnwinding(Thread thread, long now) {
    Closed last = LAST_CLOSED.get(thread);
    return last != null && last.isJustBefore(now);
  }

  /**
   * This thread has closed a run, which was reported completed only for that reason: an exception
   * may be in flight.
   */
  static void closedByItself(RunHandle run) {
    closed(List.of(run));
  }

  /** This thread has closed a tracker, which left these of its runs open. */
  static void leftOpen(List<RunHandle> runs) {
    if (!runs.isEmpty()) {
      closed(runs);
    }
  }

  private static synchronized void closed(List<RunHandle> runs) {
    LAST_CLOSED.put(Thread.currentThread(), new Closed(runs, clock.getAsLong()));
  }

  /** This thread begins a run: no exception has been on its way since it closed the last one. */
  static synchronized void goesOn() {
    LAST_CLOSED.remove(Thread.currentThread());
  }

  /**
   * Closing the tracker took its time; the clock of the run that was closed before starts again.
   */
  static synchronized void stillUnwinding() {
    LAST_CLOSED.computeIfPresent(
        Thread.currentThread(), (same, closed) -> new Closed(closed.runs(), clock.getAsLong()));
  }

  static void forget(Tracker tracker) {
    TRACKERS.remove(tracker);
  }
}
