package io.runledger.fold.projection;

/**
 * A projection that is built alongside another one and takes its place as a whole, or not at all.
 * One at a time for one location; the right to build it ends with the process at the latest. Not
 * thread-safe.
 */
public interface Replacement extends AutoCloseable {

  /** Opens the new, empty projection, which has no readers yet, to be filled and finished. */
  Projection open();

  /** Puts it in the place of the old one, once it is closed. Readers continue with the old one. */
  void publish();

  /** Removes what was built and not published, and gives back the right to build another one. */
  @Override
  void close();
}
