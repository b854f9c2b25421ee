package io.runledger.options;

import io.runledger.config.DatabaseLocation.Server;
import io.runledger.config.InvalidConfigurationException;
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
   * @throws InvalidConfigurationException when it contains a password
   */
  @Override
  public Map<String, String> given() {
    if (database.flatMap(Server::of).filter(Server::hasPassword).isPresent()) {
      throw new InvalidConfigurationException(
          "A password in --db can be read by everybody who lists the processes of this machine; put it into ~/.pgpass, or the URL into the environment as RUNLEDGER_DB.");
    }
    return database.map(value -> Map.of(Setting.DB.key(), value)).orElse(Map.of());
  }
}
