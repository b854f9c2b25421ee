package io.runledger.options;

import io.runledger.config.DatabaseLocation.Server;
import io.runledger.config.Setting;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which database: what every verb has that reads or writes one. */
public final class DatabaseOptions implements Flags {

  @Option(
      names = "--db",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE|URL",
      description =
          "The database: a SQLite file, or jdbc:postgresql://HOST:PORT/DATABASE. Default: the setting db.")
  private Optional<String> database = Optional.empty();

  /** Made by picocli. */
  public DatabaseOptions() {}

  /**
   * {@inheritDoc}
   *
   * @throws io.runledger.config.InvalidConfigurationException when it contains a password
   */
  @Override
  public Map<String, String> given() {
    database.ifPresent(Server::refusePassword);
    return database.map(value -> Map.of(Setting.DB.key(), value)).orElse(Map.of());
  }
}
