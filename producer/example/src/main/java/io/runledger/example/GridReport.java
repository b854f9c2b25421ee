package io.runledger.example;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.io.PrintWriter;
import java.util.Locale;

/** Prints a line a run of the grid, and remembers whether all went as designed. Thread-safe. */
final class GridReport {

  private final PrintWriter out;
  private final long startedNanos = System.nanoTime();
  private int runs;
  private int surprises;

  GridReport(PrintWriter out) {
    this.out = out;
  }

  /**
   * One run is over.
   *
   * @param ending what became of it, in a word or two
   * @param asDesigned whether the grid meant that to happen
   * @param detail figures, or what is wrong
   */
  synchronized void add(RunKey key, String ending, boolean asDesigned, String detail) {
    runs++;
    surprises += asDesigned ? 0 : 1;
    out.printf(
        Locale.ROOT,
        "%s  %-31s  %-18s  %s%s%n",
        RunId.of(key),
        key.displayName(),
        ending,
        asDesigned ? "" : "NOT AS DESIGNED: ",
        detail);
    out.flush();
  }

  /** Prints the last line; returns whether all went as designed. */
  synchronized boolean conclude() {
    out.printf(
        Locale.ROOT,
        "%d runs in %.1f s, %s%n",
        runs,
        (System.nanoTime() - startedNanos) / 1e9,
        surprises == 0 ? "each as designed" : surprises + " not as designed");
    out.flush();
    return surprises == 0;
  }
}
