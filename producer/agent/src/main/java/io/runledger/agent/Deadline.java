package io.runledger.agent;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends this process, with a sentence, unless the deadline is lifted in time, because the command
 * must not wait longer.
 */
final class Deadline {

  private static final int LATE = 75;

  private final CountDownLatch lifted = new CountDownLatch(1);

  private Deadline() {}

  /**
   * Starts a deadline.
   *
   * @param sentence what to print then; {@code %d} stands for the seconds
   */
  static Deadline halt(Duration after, String sentence) {
    Deadline deadline = new Deadline();
    Thread thread = new Thread(() -> deadline.await(after, sentence), "runledger-deadline");
    thread.setDaemon(true);
    thread.start();
    return deadline;
  }

  private void await(Duration after, String sentence) {
    try {
      if (!lifted.await(after.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("runledger: " + sentence.formatted(after.toSeconds()));
        Runtime.getRuntime().halt(LATE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void lift() {
    lifted.countDown();
  }
}
