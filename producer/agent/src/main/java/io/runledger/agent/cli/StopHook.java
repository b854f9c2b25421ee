package io.runledger.agent.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ends a verb that runs until it is stopped in order, when a signal asks it to. */
final class StopHook {

  private static final int SECONDS = 10;

  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * From now on a signal calls {@code stop}, and waits for {@link #done}.
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
        System.err.printf("runledger: The %s did not stop in %d s and is ended.%n", who, SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** All is closed: the process may end. */
  void done() {
    done.countDown();
  }
}
