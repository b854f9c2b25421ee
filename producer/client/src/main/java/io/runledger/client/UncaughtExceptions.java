package io.runledger.client;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tells open trackers of exceptions that end a thread, and then whoever was told before us. */
final class UncaughtExceptions {

  private static final Set<Tracker> TRACKERS = ConcurrentHashMap.newKeySet();
  private static boolean installed;

  private UncaughtExceptions() {}

  static synchronized void tell(Tracker tracker) {
    TRACKERS.add(tracker);
    if (!installed) {
      installed = true;
      UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, error) -> {
            TRACKERS.forEach(open -> open.uncaught(thread, error));
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

  static void forget(Tracker tracker) {
    TRACKERS.remove(tracker);
  }
}
