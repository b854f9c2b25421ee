package io.runledger.query.cli;

import io.runledger.query.Ledger;
import io.runledger.query.LedgerWatch;
import io.runledger.query.LedgerWatch.Changes;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** Whether a verb keeps showing what is new. */
final class FollowOptions {

  /** Between two looks at whether anything was committed. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  @Option(
      names = "--follow",
      description = "Keep showing what is new, until Ctrl-C; of one run, until it has ended.")
  private boolean follow;

  boolean isGiven() {
    return follow;
  }

  /** Complains of a form that has an end. */
  void check(ReadVerb verb, FormatOptions format) {
    if (follow && format.json()) {
      throw verb.usage("--follow has no end, and a JSON document has one; leave out one of them.");
    }
  }

  /**
   * Passes all that is there as the first change, then each as it happens, until the visitor has
   * enough.
   *
   * @param idle after this time without a change the visitor is called with none
   * @param hasEnough called in this thread
   */
  static void forEachChange(Ledger ledger, Duration idle, Predicate<Changes> hasEnough) {
    try (LedgerWatch watch = ledger.watch()) {
      // The watch begins before the first reading, so that nothing falls between the two.
      var unused = watch.changes();
      Changes changes = new Changes(Set.of(), true);
      long calledNanos = System.nanoTime();
      while (true) {
        if (!changes.isEmpty() || System.nanoTime() - calledNanos > idle.toNanos()) {
          if (hasEnough.test(changes)) {
            return;
          }
          calledNanos = System.nanoTime();
        }
        Thread.sleep(PAUSE.toMillis());
        changes = watch.changes();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
