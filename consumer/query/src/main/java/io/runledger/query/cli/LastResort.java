package io.runledger.query.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Does what ends a question when SQLite does not: the time limit is looked at between two steps of
 * its machine, and one call of a function over long texts is one step, of minutes. Nothing is lost
 * with a process that only reads.
 */
final class LastResort {

  private final CountDownLatch answered = new CountDownLatch(1);

  /**
   * @param after when the question should long have been given up
   * @param end what ends it; run on a separate thread
   */
  LastResort(Duration after, Runnable end) {
    Thread thread = new Thread(() -> await(after, end), "runledger-last-resort");
    thread.setDaemon(true);
    thread.start();
  }

  private void await(Duration after, Runnable end) {
    try {
      if (!answered.await(after.toMillis(), TimeUnit.MILLISECONDS)) {
        end.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The question is answered: nothing is to be ended. */
  void close() {
    answered.countDown();
  }
}
