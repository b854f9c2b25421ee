package io.runledger.service.database;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.sqlite.SqliteLocation;

/** Which store a configured location belongs to. */
public final class Locations {

  private Locations() {}

  /** The location of the database of {@code configuration}. */
  public static ProjectionLocation of(Configuration configuration) {
    return new SqliteLocation(configuration.path(Setting.DB));
  }
}
