package io.runledger.agent.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Stops a verb in order, on a signal, where the verb runs until it is stopped. */
final class StopHook {

  private static final int SECONDS = 10;

  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * Makes a signal call {@code stop} and wait for {@link #done}.
   *
   * @param who what is stopped, for the sentence when it does not end in time
   */
  StopHook(String who, Runnable stop) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(who, stop), "runledger-stop"));
  }

  private void end(String who, Runnable stop) {
    stop.run();
    try {
      if (!done.await(SECONDS, TimeUnit.SECONDS)) {
        System.err.printf("runledger: The %s did not stop within %d s; ending it.%n", who, SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reports that all is closed: the process may end. */
  void done() {
    done.countDown();
  }
}
