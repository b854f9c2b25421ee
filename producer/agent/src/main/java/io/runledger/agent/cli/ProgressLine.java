package io.runledger.agent.cli;

import io.runledger.agent.Terminal;
import io.runledger.client.sender.SpoolDrain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A line at the terminal that shows how far a spool is sent; prints nothing without a terminal. */
public final class ProgressLine {

  private static final int CELLS = 30;

  private final Path spool;
  private final boolean shown = Terminal.isAt(2);
  private final long whole;

  private ProgressLine(Path spool, long whole) {
    this.spool = spool;
    this.whole = whole;
  }

  /** A line for a spool as it is now. */
  public static ProgressLine of(Path spool) {
    return new ProgressLine(spool, waiting(spool));
  }

  private static long waiting(Path spool) {
    try {
      return SpoolDrain.waitingBytes(spool);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + spool + ".", e);
    }
  }

  /**
   * Shows how far it is. A segment counts when it is sent and gone, so the bar moves in steps.
   *
   * @param sentEvents events that were sent so far
   */
  public void show(long sentEvents) {
    if (shown) {
      long left = Math.min(whole, waiting(spool));
      int done = whole == 0 ? CELLS : (int) (CELLS * (whole - left) / whole);
      System.err.printf(
          "\r[%s%s] %,d events sent, %.1f MB left ",
          "#".repeat(done), ".".repeat(CELLS - done), sentEvents, left / 1e6);
    }
  }

  /** Makes room for a sentence. */
  public void clear() {
    if (shown) {
      System.err.print("\r" + " ".repeat(CELLS + 50) + "\r");
    }
  }
}
