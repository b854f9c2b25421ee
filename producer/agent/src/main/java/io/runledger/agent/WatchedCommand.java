package io.runledger.agent;

import io.runledger.client.At;
import io.runledger.client.WatchedRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what the launcher sees of a command, until the command has ended. No failure here reaches
 * the command: it is the launcher's child, not ours.
 */
final class WatchedCommand {

  private static final Logger LOG = LoggerFactory.getLogger(WatchedCommand.class);

  private static final String PREFIX = "system/";

  private final Launcher launcher;
  private final WatchedRun run;
  private final int usageSeconds;
  private final StderrTail stderr;
  private final List<String> signals = new ArrayList<>();
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(WatchedCommand::daemon);
  private boolean isOver;

  /**
   * @param usageSeconds seconds between two samples of what the command uses; 0 for none
   */
  WatchedCommand(Launcher launcher, WatchedRun run, int usageSeconds, StderrTail stderr) {
    this.launcher = launcher;
    this.run = run;
    this.usageSeconds = usageSeconds;
    this.stderr = stderr;
  }

  /** The end of the command waits for no sample, such as one that a hung driver holds up. */
  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "runledger-system");
    thread.setDaemon(true);
    return thread;
  }

  /** Lets the command start, and returns when its end is recorded. */
  void watch() {
    stderr.follow();
    launcher.ready();
    try {
      OptionalLong pid = OptionalLong.empty();
      Optional<ProcessHandle> command = Optional.empty();
      while (true) {
        Optional<LauncherLine> line = launcher.next();
        if (line.isEmpty()) {
          awaitUnsaid(pid, command);
          return;
        }
        if (line.get() instanceof LauncherLine.Started started) {
          run.begun(started.pid());
          pid = OptionalLong.of(started.pid());
          command = look(started.pid());
        } else if (line.get() instanceof LauncherLine.Signalled signal) {
          note(signal);
        } else if (line.get() instanceof LauncherLine.Ended ended) {
          end(ended.code());
          return;
        } else if (line.get() instanceof LauncherLine.Missing missing) {
          run.ended(missing.code(), "the command cannot be started");
          return;
        }
      }
    } finally {
      looking.shutdownNow();
      synchronized (looking) {
        isOver = true;
      }
    }
  }

  /** The process that knew the exit code was killed: the run continues, and no end is reported. */
  private void awaitUnsaid(OptionalLong pid, Optional<ProcessHandle> command) {
    LOG.warn("The launcher is gone; how the command ends will not be recorded.");
    // Without a handle the command had ended before this process looked.
    command.ifPresent(process -> process.onExit().join());
    pid.ifPresent(run::gone);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // they log their own failures
  private Optional<ProcessHandle> look(long pid) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isEmpty() || usageSeconds <= 0 || !run.records()) {
      return process;
    }
    long begun = System.nanoTime();
    Usage usage =
        new Usage(
            pid,
            Optional.of(Path.of("").toAbsolutePath()),
            ProcFiles.OF_THIS_MACHINE,
            System::nanoTime);
    Gpus gpus = new Gpus("nvidia-smi", Gpus.LIMIT, System.getenv(), System::nanoTime);
    // Where rates count from.
    looking.execute(() -> sample(usage::now));
    looking.scheduleWithFixedDelay(
        () -> sample(() -> log(usage, gpus, begun)),
        Math.min(usageSeconds, 5),
        usageSeconds,
        TimeUnit.SECONDS);
    return process;
  }

  private static void sample(Runnable what) {
    try {
      what.run();
    } catch (RuntimeException e) {
      LOG.warn("Cannot read the command's resource usage: {}", e.toString());
    }
  }

  private void log(Usage usage, Gpus gpus, long begun) {
    Map<String, Double> values = new LinkedHashMap<>();
    usage.now().forEach((name, value) -> values.put(PREFIX + name, value));
    gpus.now().forEach((name, value) -> values.put(PREFIX + name, value));
    synchronized (looking) {
      // A sample of a command that has ended meanwhile would find its run closed.
      if (!isOver && !values.isEmpty()) {
        run.log(values, At.noStep().elapsed((System.nanoTime() - begun) / 1e9));
      }
    }
  }

  private void note(LauncherLine.Signalled signal) {
    if (!signal.withheld()) {
      signals.add(signal.name());
    }
    run.note(
        "SIG%s received%s"
            .formatted(
                signal.name(),
                signal.withheld() ? ", not forwarded: the command has no handler for it" : ""));
    try {
      run.sync();
    } catch (IOException e) {
      LOG.warn(
          "The record of SIG{} may be lost if this machine crashes: {}",
          signal.name(),
          e.toString());
    }
  }

  private void end(int code) {
    try {
      List<String> why = new ArrayList<>();
      Signals.ofExitCode(code).ifPresent(signal -> why.add("ended by " + signal));
      if (!signals.isEmpty()) {
        why.add("after " + Signals.words(signals));
      }
      if (code != 0) {
        ErrorText error = ErrorText.of(stderr.text(), code);
        if (!error.text().isEmpty()) {
          run.error(error.type(), error.message(), error.text());
        }
        if (why.isEmpty()) {
          why.add("exit code " + code);
        }
      }
      run.ended(code, why.isEmpty() ? null : String.join(" ", why));
      run.sync();
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot record how the command ended: {}", e.toString());
    }
  }
}
