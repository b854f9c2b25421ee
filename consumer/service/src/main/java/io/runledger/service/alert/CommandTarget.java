package io.runledger.service.alert;

import io.runledger.config.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a program for each firing, without a shell and with the arguments of the file of rules
 * alone. It gets the message on its standard input; what it prints goes to the log.
 */
final class CommandTarget implements Target {

  private static final Logger LOG = LoggerFactory.getLogger(CommandTarget.class);
  private static final Duration TIME_LIMIT = Duration.ofSeconds(30);

  /** Of what it prints. */
  private static final int LOGGED = 4_096;

  private final String name;
  private final List<String> argv;
  private final Duration timeLimit;

  CommandTarget(String name, List<String> argv) {
    this(name, argv, TIME_LIMIT);
  }

  CommandTarget(String name, List<String> argv, Duration timeLimit) {
    this.name = name;
    this.argv = List.copyOf(argv);
    this.timeLimit = timeLimit;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String words() {
    return "the program " + argv.get(0);
  }

  @Override
  public Optional<String> deliver(AlertMessage message) throws InterruptedException {
    Process process;
    try {
      process = start(message);
    } catch (IOException e) {
      return Optional.of("It cannot be started: " + e.getMessage() + ".");
    }
    try {
      Output output = new Output(process.getInputStream());
      output.start();
      hand(message, process.getOutputStream());
      if (!process.waitFor(timeLimit.toMillis(), TimeUnit.MILLISECONDS)) {
        return Optional.of("It did not end within %d s.".formatted(timeLimit.toSeconds()));
      }
      output.join(1_000);
      log(message, output.text());
      return process.exitValue() == 0
          ? Optional.empty()
          : Optional.of("It ended with exit code %d.".formatted(process.exitValue()));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process start(AlertMessage message) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(argv).redirectErrorStream(true);
    // Settings may hold passwords of brokers and registries.
    builder.environment().keySet().removeIf(variable -> variable.startsWith("RUNLEDGER_"));
    builder.environment().put("RUNLEDGER_ALERT_ID", message.id());
    return builder.start();
  }

  /** Small enough for the pipe, so this never waits for the program. */
  private static void hand(AlertMessage message, OutputStream input) {
    try (input) {
      input.write(message.body());
    } catch (IOException e) {
      LOG.debug("The program did not read its message.", e);
    }
  }

  private void log(AlertMessage message, String output) {
    if (!output.isBlank()) {
      LOG.info(
          "{} said of alert {}: {}", argv.get(0), message.id(), Printable.line(output.strip()));
    }
  }

  /** Reads what a program prints, and keeps its beginning. */
  private static final class Output extends Thread {
    private final InputStream from;
    private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();

    Output(InputStream from) {
      super("runledger-alert-output");
      setDaemon(true);
      this.from = from;
    }

    String text() {
      return beginning.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void run() {
      byte[] bytes = new byte[LOGGED];
      try (from) {
        for (int read = from.read(bytes); read >= 0; read = from.read(bytes)) {
          beginning.write(bytes, 0, Math.min(read, LOGGED - beginning.size()));
        }
      } catch (IOException e) {
        LOG.debug("The output of a program could not be read.", e);
      }
    }
  }
}
