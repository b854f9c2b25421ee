package io.runledger.bench.load;

import java.util.concurrent.TimeUnit;

/** Ends the processes that a bench has started. */
final class EndedProcess {

  private EndedProcess() {}

  /**
   * Asks a process to end, and kills it when it has not.
   *
   * @param patienceSeconds seconds that it may take; over at once for an interrupted thread, which
   *     stays interrupted
   */
  static void end(Process process, long patienceSeconds) {
    process.destroy();
    try {
      if (!process.waitFor(patienceSeconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
