package io.runledger.client.sender;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The files of one writer in a spool, as its sender sees them: locked against other senders. Not
 * thread-safe.
 */
interface SpoolSource extends AutoCloseable {

  Path path();

  /**
   * Advances: sends what has come since, and checks what the broker has acknowledged.
   *
   * @return whether some event still waits for the broker
   * @throws BrokerException when the broker does not take events; they are sent again later
   * @throws IOException when the files cannot be read
   */
  boolean send(EventProducer producer) throws IOException;

  /** How many events the broker has acknowledged since the last call. */
  long takeAcknowledged();

  /** Bytes of the files that were read and are not acknowledged: what it holds in memory. */
  long bytesWaiting();

  /** Notes how far the broker has acknowledged, so that the next sender need not start over. */
  void saveProgress() throws IOException;

  /** Whether all of it is acknowledged and nothing will follow, as far as {@link #send} saw. */
  boolean isDone() throws IOException;

  /** Whether its end has left another writer in the spool, which is to be sent now. */
  default boolean hasObserved() {
    return false;
  }

  /** Removes the files, unless their spool keeps them, and releases the lock. */
  void remove() throws IOException;

  /**
   * Closes the files and releases the lock for a while, when nothing waits; the position is kept.
   *
   * @return bytes that were there when nothing of them was left to send
   */
  long park() throws IOException;

  /**
   * Resumes where it was parked.
   *
   * @return false when another sender serves it now, or it is gone
   */
  boolean resume() throws IOException;

  @Override
  void close() throws IOException;
}
