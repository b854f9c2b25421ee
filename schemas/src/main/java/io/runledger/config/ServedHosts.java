package io.runledger.config;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The host names under which a port of ours is to be asked. A web page that makes a browser resolve
 * its own name to the loopback address bears that name in the Host header, and is refused by it.
 * Immutable.
 */
public final class ServedHosts {

  private final Set<String> hosts;

  private ServedHosts(Set<String> hosts) {
    this.hosts = Set.copyOf(hosts);
  }

  /** The address that is listened on, and the loopback's names. */
  public static ServedHosts of(String address) {
    return new ServedHosts(
        new HashSet<>(List.of(name(address), "localhost", "127.0.0.1", "[::1]")));
  }

  /**
   * Whether a request is meant for us.
   *
   * @param hostHeader value of its Host header, null when it has none
   */
  public boolean serve(String hostHeader) {
    return hostHeader != null && hosts.contains(name(hostHeader));
  }

  /** A host without its port, in lower case. */
  private static String name(String host) {
    int colon = host.lastIndexOf(':');
    boolean port = colon > 0 && colon > host.lastIndexOf(']') && host.indexOf(':') == colon;
    boolean bracketed = host.startsWith("[") && host.contains("]");
    String bare =
        bracketed
            ? host.substring(0, host.indexOf(']') + 1)
            : port ? host.substring(0, colon) : host;
    return bare.toLowerCase(Locale.ROOT);
  }
}
