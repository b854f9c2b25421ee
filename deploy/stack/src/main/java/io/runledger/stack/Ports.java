package io.runledger.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Finds free ports on loopback, none of them twice. Not thread-safe. */
final class Ports {

  private final Set<Integer> given = new HashSet<>();

  /**
   * The first of the wanted ports that is free, else any; 0 among the wanted ones is passed over.
   */
  int free(int... wanted) {
    for (int port : wanted) {
      if (port > 0 && !given.contains(port) && isFree(port)) {
        given.add(port);
        return port;
      }
    }
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      given.add(any.getLocalPort());
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
