package io.runledger.client.sender;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writers that this sender cannot serve now and skips, so that the events of others do not wait for
 * them. Each is tried again a minute later. The first is logged, and then at most once a minute how
 * many there are. Thread-safe.
 */
final class SkippedWriters {

  private static final Logger LOG = LoggerFactory.getLogger(SkippedWriters.class);
  private static final Duration TRY_AGAIN = Duration.ofMinutes(1);
  private static final Duration REPORT_AGAIN = Duration.ofMinutes(1);

  /** More than these are tried again sooner. */
  private static final int MOST = 10_000;

  private record Unserved(String why, long tryAgain) {}

  private final Map<Path, Unserved> unserved = new LinkedHashMap<>();
  private long reportNext = System.nanoTime();
  private long unreported;

  /** Leaves the writer alone for a while. */
  synchronized void add(Path writer, Exception cause) {
    String why = writer + " cannot be sent and stays where it is: " + cause;
    Unserved before =
        unserved.put(writer, new Unserved(why, System.nanoTime() + TRY_AGAIN.toNanos()));
    if (unserved.size() > MOST) {
      unserved.remove(unserved.keySet().iterator().next());
    }
    if (before != null && before.why().equals(why)) {
      return;
    }
    unreported++;
    if (System.nanoTime() - reportNext >= 0) {
      reportNext = System.nanoTime() + REPORT_AGAIN.toNanos();
      if (unreported == 1) {
        LOG.warn("{} Events of other writers are still sent.", why, cause);
      } else {
        LOG.warn(
            "{} files or directories cannot be sent and were left as they are; the last one: {}",
            unreported,
            why);
      }
      unreported = 0;
    }
  }

  /** Whether it is not time to try the writer again. */
  synchronized boolean skips(Path writer) {
    Unserved known = unserved.get(writer);
    return known != null && System.nanoTime() - known.tryAgain() < 0;
  }

  /** The writer is served again, or gone. */
  synchronized void remove(Path writer) {
    unserved.remove(writer);
  }

  /** A sentence about one of them, and how many there are; empty when there is none. */
  synchronized Optional<String> sentence() {
    String more = unserved.size() > 1 ? " (and %,d more)".formatted(unserved.size() - 1) : "";
    return unserved.values().stream().map(one -> one.why() + more).findFirst();
  }
}
