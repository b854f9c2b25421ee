package io.runledger.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Chooses ports on loopback, none of them twice. A free port may be taken before the child has
 * bound it; then the child's output shows this, and another is chosen. Not thread-safe.
 */
final class Ports {

  private final Set<Integer> given = new HashSet<>();
  private final IntPredicate isFree;

  Ports() {
    this(Ports::isFree);
  }

  Ports(IntPredicate isFree) {
    this.isFree = isFree;
  }

  /** The first of the wanted ports that is free, else any; 0 among the wanted ones is skipped. */
  int free(int... wanted) {
    for (int port : wanted) {
      if (port > 0 && !given.contains(port) && isFree.test(port)) {
        given.add(port);
        return port;
      }
    }
    int port = any();
    while (!given.add(port)) {
      port = any();
    }
    return port;
  }

  private static int any() {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("No free port on loopback.", e);
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      // As the servers bind: a port whose last connections are just ending counts as free.
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
