package io.runledger.agent.cli;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the settings come from, and which brokers: what every verb that sends has. */
final class ConnectionOptions {

  @Option(names = "--config", paramLabel = "FILE", description = "Properties file with settings.")
  private Path configFile;

  @Option(
      names = "--bootstrap-server",
      paramLabel = "HOST:PORT",
      description = "Kafka brokers, with commas between them.")
  private String bootstrapServer;

  Configuration configuration() {
    Map<String, String> flags = new HashMap<>();
    if (bootstrapServer != null) {
      flags.put(Setting.BOOTSTRAP_SERVERS.key(), bootstrapServer);
    }
    return Configuration.load(flags, System.getenv(), Optional.ofNullable(configFile));
  }
}
