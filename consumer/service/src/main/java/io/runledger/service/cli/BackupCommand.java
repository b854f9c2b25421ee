package io.runledger.service.cli;

import io.runledger.config.Counted;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionLocation.Backup;
import io.runledger.options.ConfigFile;
import io.runledger.options.DatabaseOptions;
import io.runledger.service.database.Locations;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies the database as it is at one moment, while the service writes. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = "Take a consistent copy of the database while the service writes to it.")
public final class BackupCommand implements Callable<Integer> {

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private ConfigFile config = new ConfigFile();

  @Parameters(paramLabel = "FILE", description = "Where the copy goes.")
  private Path file = Path.of("");

  @Option(names = "--force", description = "Replace FILE if it already exists.")
  private boolean force;

  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public BackupCommand() {}

  @Override
  public Integer call() {
    PrintWriter words = spec.commandLine().getErr();
    try {
      ProjectionLocation source = Locations.of(config.load(database));
      Backup report = source.backUp(file, force);
      words.printf(
          "Copied %s to %s: %s, %s, %s.%n",
          source,
          report.file(),
          Counted.of(report.bytes(), "byte"),
          Counted.of(report.runs(), "run"),
          Counted.of(report.events(), "event"));
      words.println("To restore it, stop the service, run this, and start the service again:");
      words.println("  " + report.restore());
      return 0;
    } finally {
      words.flush();
    }
  }
}
