package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.service.database.Locations;
import io.runledger.service.log.TopicsLog;
import io.runledger.service.log.WholeLog;
import io.runledger.service.spool.SpoolLog;
import io.runledger.service.stop.PositionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which log a database is compared with: topics, or the files of a spool. */
final class LogOptions {

  @Option(
      names = "--spool",
      paramLabel = "DIR",
      description =
          "Read the files of this spool instead of topics. Default: the spool next to a database that"
              + " 'runledger follow' filled.")
  private Optional<Path> spool = Optional.empty();

  /**
   * The log of the database of a configuration.
   *
   * @throws PositionException when it was filled from a spool that is not known
   */
  WholeLog of(Configuration configuration) {
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
