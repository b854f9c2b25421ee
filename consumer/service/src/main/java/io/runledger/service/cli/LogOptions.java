package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.service.log.WholeLog;
import io.runledger.service.spool.DatabaseLog;
import io.runledger.service.stop.PositionException;
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
    return DatabaseLog.of(configuration, spool);
  }
}
