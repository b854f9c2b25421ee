package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.figures.Samples;
import io.runledger.bench.load.BenchException;
import io.runledger.bench.load.IdleJvm;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.files.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The cost of {@code exec} for a job: how long the command waits to start, how much longer the
 * whole takes, and the memory of the recorder next to it.
 */
final class ExecBench implements Benchmark {

  private static final String WORD = "exec";
  private static final int TIMES = 10;

  /** Seconds after which the command's usage has been sampled for the first time, and sent. */
  private static final int SETTLED = 7;

  private static final int END_SECONDS = 60;
  private static final double MEBIBYTE = 1 << 20;

  /** Says when it runs. */
  private static final List<String> CLOCK = List.of("date", "+%s%N");

  @Override
  public void run(Session session) throws IOException, InterruptedException {
    Path launcher = StartBench.launcher();
    Path settings = settings(session);
    List<String> exec =
        List.of(
            launcher.toString(), WORD, "--config", settings.toString(), "--name", "bench", "--");
    session.progress("exec: a command with and without it, %d times each", TIMES);
    // The first one creates the archive of classes for the others.
    var unused = timed(line(exec, List.of("true")));
    double[] bareBegin = new double[TIMES];
    double[] bareAll = new double[TIMES];
    double[] begin = new double[TIMES];
    double[] all = new double[TIMES];
    for (int i = 0; i < TIMES; i++) {
      Timed bare = timed(CLOCK);
      bareBegin[i] = bare.untilItRan();
      bareAll[i] = bare.untilItEnded();
      Timed wrapped = timed(line(exec, CLOCK));
      begin[i] = wrapped.untilItRan();
      all[i] = wrapped.untilItEnded();
    }
    double bareJava = StartBench.time(StartBench.bareJava());
    session.add(
        Figure.of(WORD, "until the command runs", Numbers.median(begin), "ms")
            .beside("the command alone", Numbers.median(bareBegin))
            .within(Figure.Budget.atMost(500)));
    session.add(
        Figure.of(WORD, "until the command runs, against Java", Numbers.median(begin), "ms")
            .beside("java -version", bareJava));
    session.add(
        Figure.of(WORD, "start to end, all sent", Numbers.median(all), "ms")
            .beside("the command alone", Numbers.median(bareAll)));
    session.add(
        Figure.of(WORD, "resident next to the command", resident(line(exec, sleep())), "MiB")
            .beside("an idle Java", resident(idleJava()))
            .within(Figure.Budget.atMost(80)));
  }

  /**
   * A file with the settings of the environment: what is given by flags here reaches no other
   * process.
   */
  private static Path settings(Session session) throws IOException, InterruptedException {
    Configuration configuration = session.environment().configuration(WORD);
    List<String> lines = new ArrayList<>();
    for (Setting setting : List.of(Setting.DATA_DIR, Setting.SPOOL, Setting.TOPICS_PREFIX)) {
      lines.add(setting.key() + "=" + configuration.get(setting));
    }
    for (Map.Entry<String, Object> entry : configuration.kafka().entrySet()) {
      String key = entry.getKey();
      boolean isOurs = key.startsWith("schema.registry.") || key.startsWith("basic.auth.");
      boolean isPlain = isOurs || key.equals(Setting.BOOTSTRAP_SERVERS.key());
      lines.add((isPlain ? key : "kafka." + key) + "=" + entry.getValue());
    }
    Path file = configuration.path(Setting.DATA_DIR).resolve("exec.properties");
    Files.createFile(file, PrivateFiles.FILE);
    return Files.write(file, lines);
  }

  private static List<String> line(List<String> exec, List<String> command) {
    return Stream.concat(exec.stream(), command.stream()).toList();
  }

  private static List<String> sleep() {
    return List.of("sleep", String.valueOf(2 * SETTLED));
  }

  private static List<String> idleJava() {
    return List.of(
        StartBench.java().toString(),
        "-Xmx96m",
        "-XX:+UseSerialGC",
        "-Xshare:auto",
        "-cp",
        System.getProperty("java.class.path"),
        IdleJvm.class.getName());
  }

  /**
   * How long a command took.
   *
   * @param untilItRan milliseconds from its start to the time that it printed; 0 if it printed none
   * @param untilItEnded milliseconds from its start to its end
   */
  private record Timed(double untilItRan, double untilItEnded) {}

  private static Timed timed(List<String> command) throws IOException, InterruptedException {
    Instant begun = Instant.now();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    Duration took = Duration.between(begun, Instant.now());
    if (code != 0) {
      throw new BenchException("%s ended with exit code %d.".formatted(command, code));
    }
    long ran = said.isBlank() ? 0 : Long.parseLong(said.strip());
    long began = begun.getEpochSecond() * 1_000_000_000 + begun.getNano();
    return new Timed(ran == 0 ? 0 : (ran - began) / 1e6, took.toNanos() / 1e6);
  }

  /** Resident MiB of the JVM that a command started, or is, once it has settled. */
  private static double resident(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Thread.sleep(Duration.ofSeconds(SETTLED).toMillis());
      ProcessHandle java =
          Stream.concat(Stream.of(process.toHandle()), process.descendants())
              .filter(each -> each.info().command().orElse("").endsWith("/java"))
              .findFirst()
              .orElseThrow(() -> new BenchException("There is no Java next to " + command + "."));
      return Samples.residentBytes(java.pid()) / MEBIBYTE;
    } finally {
      // The wrapper passes it on, and ends when all is recorded: its files are deleted next.
      process.destroy();
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }
}
