package io.runledger.agent.slurm;

import io.runledger.check.Finding;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Whether SLURM's accounting can be asked, where its commands are installed. */
public final class SlurmCheck {

  private static final String SLURM = "slurm";

  /** A job that is there or not: the accounting answers either way. */
  private static final List<Long> ANY_JOB = List.of(1L);

  private SlurmCheck() {}

  /**
   * The findings; none where sacct is not installed.
   *
   * @param path the directories to search for commands, in the form of PATH
   */
  public static List<Finding> check(String path) {
    if (Arrays.stream(path.split(File.pathSeparator))
        .noneMatch(directory -> Files.isExecutable(Path.of(directory, "sacct")))) {
      return List.of();
    }
    return check(new SlurmCommands(new WatcherMetrics()));
  }

  private static List<Finding> check(SlurmCommands commands) {
    try {
      String version = commands.version();
      commands.accounting(ANY_JOB);
      return List.of(Finding.ok(SLURM, "The accounting answers (%s).".formatted(version)));
    } catch (IOException e) {
      return List.of(
          Finding.warning(
              SLURM,
              e.getMessage(),
              "Without the accounting, ends of jobs that squeue has forgotten stay unknown; run"
                  + " 'runledger slurm watch --no-sacct', or ask the cluster's administrators."));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
