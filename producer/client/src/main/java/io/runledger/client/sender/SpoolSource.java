package io.runledger.client.sender;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What one writer left in a spool, as its sender sees it: locked against other senders. Not
 * thread-safe.
 */
interface SpoolSource extends AutoCloseable {

  Path path();

  /**
   * Moves on: hands over what has come since, and looks what the broker has acknowledged.
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

  /** Removes it, and gives its lock back. */
  void remove() throws IOException;

  /**
   * Gives files and lock back for a while, when nothing waits; the place in them is kept.
   *
   * @return bytes that were there when nothing of them was left to send
   */
  long park() throws IOException;

  /**
   * Goes on where it was parked.
   *
   * @return false when another sender serves it now, or it is gone
   */
  boolean resume() throws IOException;

  @Override
  void close() throws IOException;
}
