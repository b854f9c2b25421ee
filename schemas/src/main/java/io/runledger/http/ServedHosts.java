package io.runledger.http;

import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The host names under which a port of ours is to be asked. A web page that makes a browser resolve
 * its own name to the loopback address carries that name in the Host header, and is refused by it.
 * Immutable.
 */
public final class ServedHosts {

  private static final String ANY = "*";
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> hosts;

  private ServedHosts(Set<String> hosts) {
    this.hosts = Set.copyOf(hosts);
  }

  /** The address that is listened on, and the loopback's names. */
  public static ServedHosts of(String address) {
    Set<String> hosts = new HashSet<>(LOOPBACK);
    hosts.add(name(address));
    return new ServedHosts(hosts);
  }

  /**
   * The same, and the names that others know this machine by, such as a service's name in a
   * cluster.
   *
   * @param others names with commas between them, without ports; {@code *} for any name
   * @param setting where these names were set
   * @throws InvalidConfigurationException when any name is to be served on a loopback address,
   *     which every page in a browser of this machine could then ask
   */
  public static ServedHosts of(String address, String others, Setting setting) {
    Set<String> all = new HashSet<>(of(address).hosts);
    for (String other : others.split(",", -1)) {
      if (!other.isBlank()) {
        all.add(name(other.strip()));
      }
    }
    if (all.contains(ANY) && LOOPBACK.contains(name(address))) {
      throw new InvalidConfigurationException(
          "%s is '*' and the address is %s: any web page could send requests; list the hosts, or listen on another address."
              .formatted(setting.key(), address));
    }
    return new ServedHosts(all);
  }

  /**
   * Whether a request is meant for us.
   *
   * @param hostHeader value of its Host header, null when it has none
   */
  public boolean serve(String hostHeader) {
    return hostHeader != null && (hosts.contains(ANY) || hosts.contains(name(hostHeader)));
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
