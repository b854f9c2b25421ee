package io.runledger.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server that runs as a child process, which fault tests can kill or pause. Thread-safe; the
 * command, and with it the port, stays the same over restarts.
 */
public final class ChildProcess {
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(20);

  private final List<String> command;
  private final Path log;
  private long logBegin;
  private Process process;

  private ChildProcess(List<String> command, Path log) {
    this.command = List.copyOf(command);
    this.log = log;
    this.process = launch();
  }

  /** Starts the command; its output is appended to the log file. */
  static ChildProcess start(List<String> command, Path log) {
    return new ChildProcess(command, log);
  }

  /** Its current process id. */
  public synchronized long pid() {
    return process.pid();
  }

  /** Whether it is running; true also while it is paused. */
  public synchronized boolean isAlive() {
    return process.isAlive();
  }

  /** Its log output since its last start. */
  synchronized String output() throws IOException {
    try (InputStream in = Files.newInputStream(log)) {
      in.skipNBytes(logBegin);
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Kills with SIGKILL and waits until the process is gone. */
  public synchronized void kill9() {
    process.destroyForcibly();
    await();
  }

  /** Stops the process from running (SIGSTOP) without ending it. */
  public void pause() {
    signal("STOP");
  }

  /** Lets a paused process run again (SIGCONT). */
  public void resume() {
    signal("CONT");
  }

  /**
   * Asks with SIGTERM, and kills with SIGKILL after 20 s. Does nothing to a process that is gone.
   */
  public synchronized void stop() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
        kill9();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Stops what still runs and starts the same command again; does not wait until it is ready. */
  public synchronized void restart() {
    stop();
    process = launch();
  }

  private synchronized void signal(String name) {
    try {
      int code = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            "Signal "
                + name
                + " did not reach process "
                + process.pid()
                + "; it has already ended.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run kill; is it on the PATH?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void await() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process launch() {
    try {
      logBegin = Files.exists(log) ? Files.size(log) : 0;
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot start " + command.get(0) + "; its output would go to " + log + ".", e);
    }
  }
}
