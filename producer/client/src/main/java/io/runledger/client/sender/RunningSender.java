package io.runledger.client.sender;

import java.time.Duration;
import java.util.Optional;

/**
 * Sends a spool in its own thread, wherever its events go: what living writers append, and what
 * dead ones left. What has not arrived stays in the spool. Thread-safe.
 */
public interface RunningSender extends AutoCloseable {

  /** Makes it look for new writers now instead of some seconds later. */
  void wakeUp();

  /** Waits until everything in the spool has arrived; false when the time is over first. */
  boolean awaitIdle(Duration atMost);

  /** What keeps it from sending, as a sentence; empty when nothing does. */
  Optional<String> trouble();

  /** Events that have arrived by this sender. */
  long sentEvents();

  /** Stops sending; what has not arrived stays in the spool for the next sender. */
  @Override
  void close();
}
