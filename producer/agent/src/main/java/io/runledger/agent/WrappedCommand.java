package io.runledger.agent;

import io.runledger.client.Step;
import io.runledger.client.WatchedRun;
import io.runledger.schemas.Base32;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a command as a child whose stdin, stdout, stderr and exit code stay what they are, forwards
 * signals to it, and notes what it sees. Whatever happens to the noting, the child goes on.
 */
final class WrappedCommand {

  private static final Logger log = LoggerFactory.getLogger(WrappedCommand.class);
  private static final int NOT_FOUND = 127;
  private static final int NOT_EXECUTABLE = 126;

  private final List<String> command;
  private final Path spool;
  private final Optional<WatchedRun> run;
  private final int usageSeconds;
  private final List<String> signals = new CopyOnWriteArrayList<>();
  private final StderrTail stderr = new StderrTail();
  private Optional<Process> child = Optional.empty();

  /**
   * @param run where to note what is seen; empty when nothing is recorded
   * @param usageSeconds seconds between two looks at what the child uses; 0 never
   */
  WrappedCommand(List<String> command, Path spool, Optional<WatchedRun> run, int usageSeconds) {
    this.command = command;
    this.spool = spool;
    this.run = run;
    this.usageSeconds = usageSeconds;
  }

  /** Runs it to its end; its exit code, 128+n where signal n ended it. */
  int run() {
    // Before the child is there: a signal that comes in between must not end us alone.
    Signals.handle(this::forward);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    stderr.prepare(builder);
    giveBackLocale(builder.environment());
    builder.environment().put("RUNLEDGER_SPOOL", spool.toString());
    run.ifPresent(
        watched -> {
          builder.environment().put("RUNLEDGER_RUN_ID", watched.runId().toString());
          builder.environment().put("RUNLEDGER_ATTEMPT_ID", Base32.encode(watched.attemptId()));
        });
    Process process;
    try {
      process = begin(builder);
    } catch (IOException e) {
      return cannotStart(e);
    }
    stderr.follow(process);
    ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();
    look(looking, process);
    int code = await(process);
    looking.shutdownNow();
    run.ifPresent(watched -> end(watched, code));
    return code;
  }

  /** Our own launcher may have changed the locale, for Java's sake. */
  private static void giveBackLocale(Map<String, String> environment) {
    String outer = environment.remove("RUNLEDGER_OUTER_LC_ALL");
    if (outer != null && outer.isEmpty()) {
      environment.remove("LC_ALL");
    } else if (outer != null) {
      environment.put("LC_ALL", outer);
    }
  }

  private synchronized Process begin(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    child = Optional.of(process);
    for (String signal : signals) {
      send(process, signal);
    }
    return process;
  }

  private int cannotStart(IOException e) {
    Path program = Path.of(command.get(0));
    boolean there = program.getNameCount() > 1 && Files.exists(program);
    int code = there ? NOT_EXECUTABLE : NOT_FOUND;
    System.err.println("runledger: Cannot run " + command.get(0) + ": " + e.getMessage());
    run.ifPresent(watched -> watched.ended(code, "the command cannot be started"));
    return code;
  }

  private static int await(Process process) {
    while (true) {
      try {
        return process.waitFor();
      } catch (InterruptedException notOurs) {
        log.debug("The wait for the child goes on.", notOurs);
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // it tells its troubles itself
  private void look(ScheduledExecutorService looking, Process process) {
    if (run.isEmpty() || usageSeconds <= 0) {
      return;
    }
    long begun = System.nanoTime();
    ProcessUsage usage = new ProcessUsage(process.toHandle(), System.getenv());
    looking.scheduleWithFixedDelay(
        () -> {
          try {
            Step when = Step.none().elapsed((System.nanoTime() - begun) / 1e9);
            run.get().log(usage.now(), when);
          } catch (RuntimeException e) {
            log.warn("What the command uses is not known: {}", e.toString());
          }
        },
        Math.min(usageSeconds, 5),
        usageSeconds,
        TimeUnit.SECONDS);
  }

  private void forward(String signal) {
    boolean delivered = Terminal.isAt(0) && (signal.equals("INT") || signal.equals("HUP"));
    synchronized (this) {
      if (!signal.equals("CONT")) {
        signals.add(signal);
      }
      // A terminal tells the whole process group by itself.
      if (!delivered) {
        child.filter(Process::isAlive).ifPresent(process -> send(process, signal));
      }
    }
    run.filter(watched -> !signal.equals("CONT")).ifPresent(watched -> note(watched, signal));
  }

  private static void note(WatchedRun watched, String signal) {
    watched.note("SIG" + signal + " received");
    try {
      watched.sync();
    } catch (IOException e) {
      log.warn("The note of SIG{} may be lost with this machine: {}", signal, e.toString());
    }
  }

  private static void send(Process process, String signal) {
    try {
      // The shell's own kill: a container may have no other.
      new ProcessBuilder("sh", "-c", "kill -s \"$0\" \"$1\"", signal, "" + process.pid())
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      log.warn("SIG{} could not be forwarded: {}", signal, e.toString());
    }
  }

  private void end(WatchedRun watched, int code) {
    try {
      List<String> why = new ArrayList<>();
      Signals.ofExitCode(code).ifPresent(signal -> why.add("ended by " + signal));
      if (!signals.isEmpty()) {
        why.add("after " + Signals.words(signals));
      }
      if (code != 0) {
        ErrorText error = ErrorText.of(stderr.text(), code);
        if (!error.text().isEmpty()) {
          watched.error(error.type(), error.message(), error.text());
        }
        if (why.isEmpty()) {
          why.add("exit code " + code);
        }
      }
      watched.ended(code, why.isEmpty() ? null : String.join(" ", why));
      watched.sync();
    } catch (IOException | RuntimeException e) {
      log.warn("How the command ended is not recorded: {}", e.toString());
    }
  }
}
