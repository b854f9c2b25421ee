package io.runledger.agent;

import io.runledger.client.RunOptions;
import io.runledger.client.Tracker;
import io.runledger.client.WatchedRun;
import io.runledger.client.sender.SendingWarmup;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
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
 * @param config values of its configuration, as they are typed
 * @param tags its tags
 * @param notes free text
 * @param resumedFromStep first step that it computes again
 * @param usageSeconds seconds between two looks at what it uses; 0 never
 */
public record Wrapper(
    Map<String, String> parts,
    Map<String, String> config,
    List<String> tags,
    Optional<String> notes,
    OptionalLong resumedFromStep,
    int usageSeconds) {

  private static final Logger LOG = LoggerFactory.getLogger(Wrapper.class);

  /** The command waits for us: a spool on a file server that hangs must not keep it for ever. */
  private static final Duration START = Duration.ofSeconds(60);

  /** Set by the launcher in a run of nothing whose classes it keeps. */
  private static final String ARCHIVING = "runledger.archiving";

  /** What flushing may take beyond the time that sending may. */
  private static final Duration LATE = Duration.ofSeconds(30);

  /** The environment variable that may give a part of the run's name. */
  public static String environmentName(String part) {
    return "RUNLEDGER_" + part.toUpperCase(Locale.ROOT);
  }

  /**
   * What is recorded of the command's start.
   *
   * @throws IllegalArgumentException when the run's name makes no sense
   */
  public RunOptions options(List<String> command) {
    RunOptions.Builder builder = ExecutedRun.of(parts, command, System.getenv());
    builder.config(ConfigValue.all(config)).tags(tags);
    notes.ifPresent(builder::notes);
    resumedFromStep.ifPresent(builder::resumedFromStep);
    return builder.build();
  }

  /**
   * Records the command that the launcher runs, and returns when it has ended.
   *
   * @param configFile settings that the command gets, too
   * @return the process's exit code: the launcher takes 0 without a word as "run nothing"
   * @throws IllegalArgumentException when the run's name makes no sense; nothing was run then
   */
  public int record(List<String> command, Optional<Path> configFile, boolean skipIfCompleted) {
    RunOptions options = options(command);
    Launcher launcher = Launcher.ofThisProcess();
    Deadline start = Deadline.halt(START, "Recording did not begin within %d s.");
    // The command runs whatever the settings say.
    Configuration configuration = Configuration.forJob(System.getenv(), configFile, LOG::warn);
    if (skipIfCompleted && options.key().isPresent()) {
      RunId run = RunId.of(options.key().get());
      if (isCompleted(run, configuration)) {
        System.err.printf("runledger: Run %s is completed already; nothing is run.%n", run);
        return 0;
      }
    }
    Duration flush = Duration.ofMillis(configuration.integer(Setting.CLOSE_TIMEOUT_MS)).plus(LATE);
    try (Tracker tracker = Tracker.openToWatch(configuration);
        WatchedRun run = tracker.watch(options, ExecutedRun.isNamed(parts))) {
      environment(configuration, configFile, run).forEach(launcher::set);
      start.lift();
      new WatchedCommand(launcher, run, usageSeconds, StderrTail.ofThisProcess()).watch();
      Deadline.halt(flush, "What is left was not sent within %d s; 'runledger sync' sends it.");
    }
    if (Boolean.getBoolean(ARCHIVING)) {
      warmUp(configuration);
    }
    launcher.done();
    return 0;
  }

  private static void warmUp(Configuration configuration) {
    try {
      SendingWarmup.of(configuration);
    } catch (IOException e) {
      // The archive lacks some classes then.
      LOG.warn("{}", e.getMessage());
    }
  }

  /** What leads the command's own lines into this run, and its settings to the same ledger. */
  private static Map<String, String> environment(
      Configuration configuration, Optional<Path> configFile, WatchedRun run) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put(
        "RUNLEDGER_SPOOL", configuration.path(Setting.SPOOL).toAbsolutePath().toString());
    environment.put("RUNLEDGER_RUN_ID", run.runId().toString());
    environment.put("RUNLEDGER_ATTEMPT_ID", Base32.encode(run.attemptId()));
    environment.putAll(run.mark());
    // The command may go to another directory before it reads its settings.
    configFile
        .or(() -> Optional.ofNullable(System.getenv("RUNLEDGER_CONFIG")).map(Path::of))
        .filter(file -> !file.toString().isEmpty())
        .ifPresent(file -> environment.put("RUNLEDGER_CONFIG", file.toAbsolutePath().toString()));
    return environment;
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
