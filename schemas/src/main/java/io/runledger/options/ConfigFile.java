package io.runledger.options;

import io.runledger.config.Configuration;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The option that says where settings are read from, and the one place where a verb's options meet
 * the settings: a flag goes over {@code --command-config}, that over the environment, that over
 * {@code --config}, that over the user's file, that over the default.
 */
public final class ConfigFile {

  @Option(
      names = "--config",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description = "Properties file with settings. Default: the one that RUNLEDGER_CONFIG names.")
  private Optional<Path> file = Optional.empty();

  /** Made by picocli. */
  public ConfigFile() {}

  /** The file that was named on the command line. */
  public Optional<Path> file() {
    return file;
  }

  /**
   * The settings in force, for a verb without other options that set settings.
   *
   * @throws io.runledger.config.InvalidConfigurationException when a file cannot be read or a
   *     setting is wrong
   */
  public Configuration load() {
    return load(new Flags[0]);
  }

  /** The same, where the database can be named. */
  public Configuration load(DatabaseOptions database) {
    return load(new Flags[] {database});
  }

  /** The same, where the cluster can be named. */
  public Configuration load(ClusterOptions cluster) {
    return load(new Flags[] {cluster});
  }

  /** The same, where a spool can be named, itself or by its database, and the cluster. */
  public Configuration load(DatabaseOptions database, SpoolOptions spool, ClusterOptions cluster) {
    return load(new Flags[] {database, spool, cluster});
  }

  /** The same, where rules of alerts can be named. */
  public Configuration load(AlertOptions alerts) {
    return load(new Flags[] {alerts});
  }

  Configuration load(Flags... flags) {
    Map<String, String> given = new HashMap<>();
    Optional<Path> kafkaFile = Optional.empty();
    for (Flags some : flags) {
      given.putAll(some.given());
      kafkaFile = kafkaFile.or(some::kafkaFile);
    }
    return Configuration.load(given, kafkaFile, System.getenv(), file);
  }
}
