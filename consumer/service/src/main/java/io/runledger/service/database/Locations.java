package io.runledger.service.database;

import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.postgres.PostgresLocation;
import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Path;

/** Which store a configured location belongs to. */
public final class Locations {

  private Locations() {}

  /**
   * The location of the database of {@code configuration}.
   *
   * @throws InvalidConfigurationException when the setting names a server and cannot be a URL of
   *     one
   */
  public static ProjectionLocation of(Configuration configuration) {
    return configuration.database() instanceof DatabaseLocation.Server server
        ? ofServer(server, configuration.path(Setting.DATA_DIR))
        : new SqliteLocation(configuration.path(Setting.DB));
  }

  private static PostgresLocation ofServer(DatabaseLocation.Server server, Path directory) {
    try {
      return PostgresLocation.of(server.url(), System.getenv(), directory);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationException(
          "The setting db is %s: %s".formatted(server, e.getMessage()));
    }
  }
}
