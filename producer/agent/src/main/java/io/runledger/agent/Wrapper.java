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
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command as a run.
 *
 * @param parts what names the run: those that were given of experiment, dataset, method, subject,
 *     cl_info, seed, project and name
 * @param config values of its configuration, as typed
 * @param tags its tags
 * @param notes free text
 * @param resumedFromStep first step that it computes again
 * @param usageSeconds seconds between two samples of what it uses, 0 for none; empty where only a
 *     setting may say so
 */
public record Wrapper(
    Map<String, String> parts,
    Map<String, String> config,
    List<String> tags,
    Optional<String> notes,
    OptionalLong resumedFromStep,
    OptionalInt usageSeconds) {

  /** Between two samples, where neither the command line nor a setting says anything. */
  private static final int USAGE_SECONDS = 30;

  private static final Logger LOG = LoggerFactory.getLogger(Wrapper.class);

  /** The command waits for us: a spool on a hanging file server must not block it for ever. */
  private static final Duration START = Duration.ofSeconds(60);

  /** Set by the launcher in a run without a command, which is for the archive of classes. */
  private static final String ARCHIVING = "runledger.archiving";

  /** How much longer than sending flushing may take. */
  private static final Duration LATE = Duration.ofSeconds(30);

  /** The environment variable that may give a part of the run's name. */
  public static String environmentName(String part) {
    return "RUNLEDGER_" + part.toUpperCase(Locale.ROOT);
  }

  /**
   * What is recorded of the command's start.
   *
   * @throws IllegalArgumentException when the run's name is not valid
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
   * @param configFile settings file, which the command gets as well
   * @return the process's exit code: the launcher takes 0 without any line as "run nothing"
   * @throws IllegalArgumentException when the run's name is not valid; then nothing was run
   */
  public int record(List<String> command, Optional<Path> configFile, boolean skipIfCompleted) {
    RunOptions options = options(command);
    Launcher launcher = Launcher.ofThisProcess();
    Deadline start = Deadline.halt(START, "Recording did not start within %d s.");
    // The command runs even if the settings are not valid.
    Configuration configuration = Configuration.forJob(System.getenv(), configFile, LOG::warn);
    if (skipIfCompleted && options.key().isPresent()) {
      RunId run = RunId.of(options.key().get());
      if (isCompleted(run, configuration)) {
        System.err.printf("runledger: Run %s is already completed; the command is not run.%n", run);
        return 0;
      }
    }
    Duration flush = Duration.ofMillis(configuration.integer(Setting.CLOSE_TIMEOUT_MS)).plus(LATE);
    try (Tracker tracker = Tracker.openToWatch(configuration);
        WatchedRun run = tracker.watch(options, ExecutedRun.isNamed(parts))) {
      environment(configuration, configFile, run).forEach(launcher::set);
      int seconds = usageSeconds.orElseGet(() -> usageSeconds(configuration));
      if (seconds > 0) {
        run.sampledMark().forEach(launcher::set);
      }
      start.lift();
      new WatchedCommand(launcher, run, seconds, StderrTail.ofThisProcess()).watch();
      Deadline.halt(
          flush, "The remaining events were not sent within %d s; 'runledger sync' sends them.");
    }
    if (Boolean.getBoolean(ARCHIVING)) {
      warmUp(configuration);
    }
    launcher.done();
    return 0;
  }

  private static int usageSeconds(Configuration configuration) {
    return configuration.isSet(Setting.SYSTEM_SECONDS)
        ? configuration.integer(Setting.SYSTEM_SECONDS)
        : USAGE_SECONDS;
  }

  private static void warmUp(Configuration configuration) {
    try {
      SendingWarmup.of(configuration);
    } catch (IOException e) {
      // The archive of classes is then incomplete, which is harmless.
      LOG.warn("{}", e.getMessage());
    }
  }

  /** Variables that lead what the command itself records into this run and this ledger. */
  private static Map<String, String> environment(
      Configuration configuration, Optional<Path> configFile, WatchedRun run) {
    Map<String, String> environment = new LinkedHashMap<>();
    String spool = configuration.path(Setting.SPOOL).toAbsolutePath().toString();
    environment.put("RUNLEDGER_SPOOL", spool);
    if (!configuration.isSet(Setting.SPOOL)) {
      // A spool that nobody has named does not say that there is a ledger.
      environment.put("RUNLEDGER_DEFAULT_SPOOL", spool);
    }
    environment.put("RUNLEDGER_RUN_ID", run.runId().toString());
    environment.put("RUNLEDGER_ATTEMPT_ID", Base32.encode(run.attemptId()));
    environment.putAll(run.mark());
    // The command may change its directory before it reads its settings.
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
          "runledger: Cannot determine whether run %s is completed (%s); running the command.%n",
          run, e.getMessage());
      return false;
    }
  }
}
