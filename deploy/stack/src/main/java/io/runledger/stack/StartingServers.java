package io.runledger.stack;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The children of a stack until all of them answer: one whose port another process took before it
 * bound it is started again on others, and none outlives a start that failed. Not thread-safe.
 */
final class StartingServers implements AutoCloseable {

  /** Each time, another process must have taken the port within the seconds that a start takes. */
  private static final int MOST_STARTS = 10;

  private final List<ChildProcess> started = new ArrayList<>();

  /** Starts a server on newly chosen ports each time. */
  interface Start<S extends Server> {
    S begin() throws IOException;
  }

  <S extends Server> S start(Start<S> start) throws IOException {
    S server = start.begin();
    started.add(server.child());
    return server;
  }

  /** Waits until it answers; what then answers is the server that came up. */
  <S extends Server> S ready(S first, Start<S> again) throws IOException {
    S server = first;
    for (int starts = 1; ; starts++) {
      try {
        server.awaitReady();
        return server;
      } catch (PortTakenException e) {
        server.child().kill9();
        if (starts == MOST_STARTS) {
          throw e;
        }
        server = start(again);
      }
    }
  }

  /** From now on the owner must end the children. */
  void keep() {
    started.clear();
  }

  @Override
  public void close() {
    started.forEach(ChildProcess::stop);
  }
}
