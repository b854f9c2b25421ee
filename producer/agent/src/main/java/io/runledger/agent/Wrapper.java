package io.runledger.agent;

import io.runledger.client.RunOptions;
import io.runledger.client.Tracker;
import io.runledger.client.WatchedRun;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunId;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command as a run.
 *
 * @param parts what names the run: experiment, dataset, method, subject, cl_info, seed, project,
 *     name, as far as they are given
 * @param config values of its configuration
 * @param tags its tags
 * @param notes free text
 * @param resumedFromStep first step that it computes anew
 * @param usageSeconds seconds between two looks at what it uses; 0 never
 */
public record Wrapper(
    Map<String, String> parts,
    Map<String, String> config,
    List<String> tags,
    Optional<String> notes,
    OptionalLong resumedFromStep,
    int usageSeconds) {

  private static final Logger log = LoggerFactory.getLogger(Wrapper.class);

  /** The environment variable that may give a part of the run's name. */
  public static String environmentName(String part) {
    return "RUNLEDGER_" + part.toUpperCase(Locale.ROOT);
  }

  /**
   * Runs the command; its exit code.
   *
   * @throws IllegalArgumentException when the run's name makes no sense; nothing was run then
   */
  public int run(List<String> command, Optional<Path> configFile, boolean skipIfCompleted) {
    RunOptions.Builder builder = ExecutedRun.of(parts, command, System.getenv());
    builder.config(config).tags(tags);
    notes.ifPresent(builder::notes);
    resumedFromStep.ifPresent(builder::resumedFromStep);
    RunOptions options = builder.build();
    // The command runs whatever the settings say.
    Configuration configuration = Configuration.forJob(System.getenv(), configFile, log::warn);
    if (skipIfCompleted && options.key().isPresent()) {
      RunId run = RunId.of(options.key().get());
      if (isCompleted(run, configuration)) {
        System.err.printf("runledger: Run %s is completed already; nothing is run.%n", run);
        return 0;
      }
    }
    Path spool = configuration.path(Setting.SPOOL).toAbsolutePath();
    try (Tracker tracker = Tracker.open(configuration)) {
      Optional<WatchedRun> watched = watch(tracker, options);
      try {
        return new WrappedCommand(command, spool, watched, usageSeconds).run();
      } finally {
        watched.ifPresent(WatchedRun::close);
      }
    }
  }

  private static Optional<WatchedRun> watch(Tracker tracker, RunOptions options) {
    try {
      return Optional.of(tracker.watch(options));
    } catch (RuntimeException e) {
      log.warn("The run is not recorded: {}", e.toString());
      return Optional.empty();
    }
  }

  private static boolean isCompleted(RunId run, Configuration configuration) {
    try {
      return ServiceLoader.load(CompletedRuns.class)
          .findFirst()
          .map(known -> known.isCompleted(run, configuration))
          .orElse(false);
    } catch (RuntimeException e) {
      System.err.printf(
          "runledger: Whether run %s is completed is not known (%s); it is run.%n",
          run, e.getMessage());
      return false;
    }
  }
}
