package io.runledger.stack;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a cluster is: what every verb has that works on one, as Kafka's own tools have it. */
public final class ClusterOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--bootstrap-server",
      paramLabel = "HOST:PORT",
      description = "Kafka brokers, with commas between them.")
  private String bootstrapServer;

  @Option(
      names = "--command-config",
      paramLabel = "FILE",
      description = "Properties of Kafka's clients (security and the like).")
  private Path commandConfig;

  @Option(names = "--config", paramLabel = "FILE", description = "Properties file of Runledger.")
  private Path config;

  /** Made by picocli. */
  public ClusterOptions() {}

  /** Whether brokers are named on the command line. */
  public boolean isGiven() {
    return bootstrapServer != null;
  }

  /**
   * The settings in force, with these options above all others.
   *
   * @throws ParameterException when a file that is named cannot be read
   */
  public Configuration configuration() {
    Map<String, String> flags = new HashMap<>();
    if (bootstrapServer != null) {
      flags.put(Setting.BOOTSTRAP_SERVERS.key(), bootstrapServer);
    }
    if (commandConfig != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(commandConfig)) {
        properties.load(reader);
      } catch (IOException e) {
        throw new ParameterException(
            command.commandLine(), "Cannot read " + commandConfig + ": " + e + ".", e);
      }
      for (String key : properties.stringPropertyNames()) {
        flags.putIfAbsent(
            Setting.ofKey(key).isPresent() ? key : "kafka." + key, properties.getProperty(key));
      }
    }
    return Configuration.load(flags, System.getenv(), Optional.ofNullable(config));
  }
}
