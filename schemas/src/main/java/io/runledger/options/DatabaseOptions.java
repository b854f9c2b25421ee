package io.runledger.options;

import io.runledger.config.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which database: what every verb has that reads or writes one. */
public final class DatabaseOptions implements Flags {

  @Option(
      names = "--db",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description = "The database. Default: the setting db.")
  private Optional<Path> database = Optional.empty();

  /** Made by picocli. */
  public DatabaseOptions() {}

  @Override
  public Map<String, String> given() {
    return database.map(file -> Map.of(Setting.DB.key(), file.toString())).orElse(Map.of());
  }
}
