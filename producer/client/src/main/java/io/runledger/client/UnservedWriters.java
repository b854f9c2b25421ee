package io.runledger.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories of writers that this sender cannot serve now, so that they keep nobody else's events
 * back. Each is told once and tried again a minute later. Thread-safe.
 */
final class UnservedWriters {

  private static final Logger log = LoggerFactory.getLogger(UnservedWriters.class);
  private static final Duration TRY_AGAIN = Duration.ofMinutes(1);

  private record Unserved(String why, long tryAgain) {}

  private final Map<Path, Unserved> unserved = new LinkedHashMap<>();

  /** Leaves the directory alone for a while. */
  synchronized void add(Path writer, Exception cause) {
    String why = writer + " cannot be sent and was left as it is: " + cause;
    Unserved before =
        unserved.put(writer, new Unserved(why, System.nanoTime() + TRY_AGAIN.toNanos()));
    if (before == null || !before.why().equals(why)) {
      log.warn("{} Events of other writers are sent.", why, cause);
    }
  }

  /** Whether it is not time to try the directory again. */
  synchronized boolean skips(Path writer) {
    Unserved known = unserved.get(writer);
    return known != null && System.nanoTime() - known.tryAgain() < 0;
  }

  /** The directory is served again, or gone. */
  synchronized void remove(Path writer) {
    unserved.remove(writer);
  }

  /** A sentence about one of them; empty when there is none. */
  synchronized Optional<String> sentence() {
    return unserved.values().stream().map(Unserved::why).findFirst();
  }
}
