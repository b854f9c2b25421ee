package io.runledger.example;

import io.runledger.client.Tracker;
import io.runledger.config.Configuration;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains a dozen runs: three seeds with three learning rates, one that diverges, one that dies of
 * an exception, one that is killed and resumed. Exits 0 when each went as it was meant to, else 1.
 */
@Command(
    name = "grid",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Train a dozen small networks and track them with Runledger: nine good ones, one that"
          + " diverges, one that dies of an exception, one that is killed and resumed.",
      "Exits 0 when each run went as it was meant to, else 1."
    })
public final class Grid implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where the runs' files go, one directory per run. Default: example in the data directory of"
              + " the configuration.")
  private Optional<Path> out;

  @Option(
      names = "--experiment",
      defaultValue = "digits",
      description = "First part of the run keys.")
  private String experiment;

  /** Trains them all; see {@code --help}. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Grid()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    Configuration configuration = TrackerSettings.ofEnvironment();
    Path directory = out.orElseGet(() -> TrackerSettings.files(configuration));
    PrintWriter lines = spec.commandLine().getOut();
    GridReport report = new GridReport(lines);
    ExecutorService lanes = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> both =
          List.of(
              lanes.submit(
                  () -> {
                    try (Tracker tracker = Tracker.open(configuration)) {
                      new QuietRuns(experiment, directory, report).train(tracker);
                    }
                    return null;
                  }),
              lanes.submit(
                  () -> {
                    new RunsThatEndBadly(experiment, directory, report).train();
                    return null;
                  }));
      for (Future<?> lane : both) {
        lane.get();
      }
    } catch (ExecutionException e) {
      spec.commandLine().getErr().println("The grid stopped: " + e.getCause());
      e.getCause().printStackTrace(spec.commandLine().getErr());
      return CommandLine.ExitCode.SOFTWARE;
    } finally {
      lanes.shutdownNow();
    }
    return report.conclude() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }
}
