package io.runledger.service.spool;

import io.runledger.config.Configuration;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.service.database.Locations;
import io.runledger.service.log.TopicsLog;
import io.runledger.service.log.WholeLog;
import io.runledger.service.stop.PositionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which log a database was filled from: topics, or the files of a spool. */
public final class DatabaseLog {

  private DatabaseLog() {}

  /**
   * The log of the database of a configuration.
   *
   * @param spool the spool, if it was named
   * @throws PositionException when it was filled from a spool that is not known
   */
  public static WholeLog of(Configuration configuration, Optional<Path> spool) {
    if (spool.isPresent()) {
      return SpoolLog.of(spool.get(), configuration);
    }
    ProjectionLocation database = Locations.of(configuration);
    Path beside = database.companion(".spool");
    boolean wasFilled = database.exists() && wasFilledFromFiles(database);
    if (Files.isDirectory(beside) && (wasFilled || !database.exists())) {
      return SpoolLog.of(beside, configuration);
    }
    if (wasFilled) {
      throw new PositionException(
          "The database %s was filled from files of a spool; specify that spool with --spool. Nothing was changed."
              .formatted(database));
    }
    return new TopicsLog(configuration);
  }

  private static boolean wasFilledFromFiles(ProjectionLocation database) {
    if (database.damage().isPresent()) {
      return false;
    }
    try (ProjectionReader open = database.read()) {
      return SpoolLog.filled(open.positions());
    }
  }
}
