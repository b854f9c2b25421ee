package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.Option;

/** Where the database is and how the brokers are reached. */
final class ConnectionOptions {

  @Option(names = "--db", paramLabel = "FILE", description = "The database.")
  private Optional<Path> database = Optional.empty();

  @Option(names = "--config", paramLabel = "FILE", description = "Properties of Runledger.")
  private Optional<Path> configFile = Optional.empty();

  @Option(names = "--bootstrap-server", paramLabel = "HOST:PORT", description = "Kafka brokers.")
  private Optional<String> bootstrapServer = Optional.empty();

  @Option(
      names = "--command-config",
      paramLabel = "FILE",
      description = "Properties of Kafka's clients, as Kafka's own tools take them.")
  private Optional<Path> commandConfig = Optional.empty();

  Configuration configuration() {
    Map<String, String> flags = new HashMap<>();
    commandConfig.ifPresent(
        file -> kafkaProperties(file).forEach((key, value) -> flags.put("kafka." + key, value)));
    database.ifPresent(file -> flags.put(Setting.DB.key(), file.toString()));
    bootstrapServer.ifPresent(servers -> flags.put(Setting.BOOTSTRAP_SERVERS.key(), servers));
    return Configuration.load(flags, System.getenv(), configFile);
  }

  private static Map<String, String> kafkaProperties(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file %s of --command-config cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    Map<String, String> map = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> map.put(key, properties.getProperty(key)));
    return map;
  }
}
