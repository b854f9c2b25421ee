package io.runledger.client.upload;

import io.runledger.client.sender.RunningSender;
import io.runledger.client.sender.SpoolSender;
import io.runledger.config.Configuration;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Printable;
import io.runledger.config.Setting;
import io.runledger.spool.SpoolWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Where the events of a spool go: the one place that chooses. Immutable. */
public sealed interface Destination {

  /** The environment variable with what a server demands. */
  String TOKEN = "RUNLEDGER_TOKEN";

  /**
   * Starts to send what a job appends, and also what others left in its spool.
   *
   * @param own the writer of this process that appends to a directory of the spool, if there is one
   */
  RunningSender startInJob(
      Path spool, Configuration configuration, Function<Path, Optional<SpoolWriter>> own);

  /** Starts to send what is in a spool and what comes, as one of several in this process. */
  RunningSender start(Path spool, Configuration configuration, int senders);

  /**
   * What the settings say: a server, if they name one, else the brokers.
   *
   * @param token what a server demands
   * @throws InvalidConfigurationException when they name both, or the server's address cannot be
   *     used
   */
  static Destination of(Configuration configuration, Optional<String> token) {
    String url = configuration.get(Setting.URL).strip();
    if (url.isEmpty()) {
      return new Brokers();
    }
    try {
      Server server = new Server(new URI(url), token);
      if (configuration.isSet(Setting.BOOTSTRAP_SERVERS)) {
        throw new InvalidConfigurationException(
            "Two places are set for events, the server %s (url) and the brokers %s (bootstrap.servers); leave one of them out."
                .formatted(
                    server.address().getHost(),
                    Printable.line(configuration.get(Setting.BOOTSTRAP_SERVERS))));
      }
      return server;
    } catch (URISyntaxException e) {
      // Its message has the whole address, and perhaps a password in it.
      throw new InvalidConfigurationException(
          "The setting url cannot be used: " + Server.NO_ADDRESS);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationException(
          "The setting url cannot be used: " + e.getMessage(), e);
    }
  }

  /** The token of an environment, if it has one. */
  static Optional<String> token(Map<String, String> environment) {
    return Optional.ofNullable(environment.get(TOKEN))
        .map(String::strip)
        .filter(token -> !token.isEmpty());
  }

  /** Kafka's brokers, which the settings name. */
  record Brokers() implements Destination {

    @Override
    public RunningSender startInJob(
        Path spool, Configuration configuration, Function<Path, Optional<SpoolWriter>> own) {
      return SpoolSender.startInJob(spool, configuration);
    }

    @Override
    public RunningSender start(Path spool, Configuration configuration, int senders) {
      return SpoolSender.start(spool, configuration, senders);
    }
  }

  /**
   * A server that takes events over HTTPS, or over HTTP on this machine.
   *
   * @param address such as {@code https://ledger.example.org/}
   * @param token what it demands; empty where it demands nothing
   */
  record Server(URI address, Optional<String> token) implements Destination {

    private static final String NO_ADDRESS =
        "This is not the address of a server; write https://HOST/.";

    /** No name is looked up: that takes a network, and another name server may answer later. */
    private static final Pattern ADDRESS_LITERAL =
        Pattern.compile("[0-9.]+|\\[[0-9A-Fa-f:.]+(?:%[0-9A-Za-z]+)?]");

    private static final Pattern TOKEN_TEXT = Pattern.compile("[\\x21-\\x7e]+");

    /**
     * Of this address.
     *
     * @throws IllegalArgumentException when the address is none, or would send the token for others
     *     to read
     */
    public Server {
      boolean isHttps = "https".equalsIgnoreCase(address.getScheme());
      boolean isHttp = "http".equalsIgnoreCase(address.getScheme());
      if ((!isHttps && !isHttp) || address.getHost() == null) {
        throw new IllegalArgumentException(NO_ADDRESS);
      }
      if (isHttp && !isLoopback(address.getHost())) {
        throw new IllegalArgumentException(
            "Over http:// everybody on the way to %s can read the events and the token; write https://, or take a tunnel to a port of this machine."
                .formatted(Printable.word(address.getHost())));
      }
      if (address.getUserInfo() != null) {
        throw new IllegalArgumentException(
            "The address may have no user or password, which everybody who lists processes reads;"
                + " put the token into RUNLEDGER_TOKEN or a file.");
      }
      if (!token.map(text -> TOKEN_TEXT.matcher(text).matches()).orElse(true)) {
        throw new IllegalArgumentException(
            "The token has characters that no token has; 'runledger token create' on the server"
                + " makes one.");
      }
    }

    private static boolean isLoopback(String host) {
      if (host.equalsIgnoreCase("localhost")) {
        return true;
      }
      try {
        return ADDRESS_LITERAL.matcher(host).matches()
            && InetAddress.getByName(host).isLoopbackAddress();
      } catch (UnknownHostException e) {
        return false;
      }
    }

    @Override
    public RunningSender startInJob(
        Path spool, Configuration configuration, Function<Path, Optional<SpoolWriter>> own) {
      return new SpoolUploader(spool, this, own).start();
    }

    @Override
    public RunningSender start(Path spool, Configuration configuration, int senders) {
      return new SpoolUploader(spool, this, directory -> Optional.empty()).start();
    }

    /** Without the token. */
    @Override
    public String toString() {
      return address.toString();
    }
  }
}
