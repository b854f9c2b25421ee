package io.runledger.options;

import io.runledger.config.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which cluster: what every verb has that works on one, named as Kafka's own tools name it. */
public final class ClusterOptions implements Flags {

  @Option(
      names = "--bootstrap-server",
      scope = ScopeType.INHERIT,
      paramLabel = "HOST:PORT",
      description = "Kafka brokers, separated by commas. Default: the setting bootstrap.servers.")
  private Optional<String> bootstrapServer = Optional.empty();

  @Option(
      names = "--command-config",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description =
          "Properties of Kafka's clients (security and the like), in the form of Kafka's own tools."
              + " --bootstrap-server takes precedence over it.")
  private Optional<Path> commandConfig = Optional.empty();

  /** Made by picocli. */
  public ClusterOptions() {}

  /** Whether brokers are named on the command line. */
  public boolean isGiven() {
    return bootstrapServer.isPresent();
  }

  /** Brokers that are named here are meant, whatever server a file or the environment names. */
  @Override
  public Map<String, String> given() {
    return bootstrapServer
        .map(servers -> Map.of(Setting.BOOTSTRAP_SERVERS.key(), servers, Setting.URL.key(), ""))
        .orElse(Map.of());
  }

  @Override
  public Optional<Path> kafkaFile() {
    return commandConfig;
  }
}
