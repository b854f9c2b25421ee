package io.runledger.tests;

import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.client.Tracker;
import io.runledger.schemas.RunKey;
import java.util.Map;

/**
 * A job that logs and says on stdout how far it got: {@link #RETURNED} and the number of calls that
 * have returned, a line each. Arguments: the run key's seed, how many calls, and how it ends
 * (return, exit, halt, throw, out-of-memory).
 */
final class LoggingJob {

  static final String RETURNED = "returned ";

  private LoggingJob() {}

  static RunKey key(long seed) {
    return RunKey.of("faults", "none", "logging", null, null, seed);
  }

  public static void main(String[] arguments) throws InterruptedException {
    int calls = Integer.parseInt(arguments[1]);
    try (Tracker tracker = Tracker.open();
        RunHandle run = tracker.start(key(Long.parseLong(arguments[0])), Map.of("calls", calls))) {
      for (int i = 0; i < calls; i++) {
        run.log(Map.of("loss", 1.0 / (i + 1), "i", (double) i), At.step(i));
        System.out.println(RETURNED + (i + 1));
        if (i % 50 == 49) {
          // a training computes something in between, and so gives the sender its turns
          Thread.sleep(5);
        }
      }
      end(arguments[2]);
    }
  }

  private static void end(String how) {
    switch (how) {
      case "return" -> {}
      case "exit" -> System.exit(4);
      case "halt" -> Runtime.getRuntime().halt(5);
      case "throw" -> throw new IllegalStateException("as asked");
      case "out-of-memory" -> {
        long[][] hoard = new long[1 << 20][];
        for (int i = 0; i < hoard.length; i++) {
          hoard[i] = new long[1 << 20];
        }
      }
      default -> throw new IllegalArgumentException(how);
    }
  }
}
