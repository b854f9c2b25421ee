package io.runledger.agent.slurm;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls SLURM's commands, counts the calls and how long they took. Not thread-safe. */
final class SlurmCommands {

  /** A slurmctld that needs longer than this is overloaded. */
  private static final Duration LONGEST_CALL = Duration.ofMinutes(1);

  /** Length of the ids in one call: a single argument holds at most 128 KiB. */
  private static final int IDS_A_CALL = 10_000;

  /** SLURM's command failed, or cannot be called. */
  static final class SlurmException extends IOException {
    private static final long serialVersionUID = 1L;

    SlurmException(String message) {
      super(message);
    }
  }

  private final WatcherMetrics metrics;

  SlurmCommands(WatcherMetrics metrics) {
    this.metrics = metrics;
  }

  /** The queue's answer about these jobs. */
  List<SlurmJob> queue(Collection<Long> jobIds) throws IOException, InterruptedException {
    List<SlurmJob> jobs = new ArrayList<>();
    for (List<Long> ids : portions(jobIds)) {
      jobs.addAll(Squeue.parse(call(Squeue.command(ids), Squeue.ENVIRONMENT)));
    }
    return jobs;
  }

  /** The accounting's answer about these jobs. */
  List<SlurmJob> accounting(Collection<Long> jobIds) throws IOException, InterruptedException {
    List<SlurmJob> jobs = new ArrayList<>();
    for (List<Long> ids : portions(jobIds)) {
      jobs.addAll(Sacct.parse(call(Sacct.command(ids), Sacct.ENVIRONMENT)));
    }
    return jobs;
  }

  /** The name of the cluster that this machine's commands speak to. */
  String clusterName() throws IOException, InterruptedException {
    return call(List.of("scontrol", "show", "config"), Map.of())
        .lines()
        .map(line -> line.split("=", 2))
        .filter(sides -> sides.length == 2 && sides[0].strip().equals("ClusterName"))
        .map(sides -> sides[1].strip())
        .findFirst()
        .orElseThrow(
            () -> new SlurmException("'scontrol show config' does not show a ClusterName."));
  }

  private static List<List<Long>> portions(Collection<Long> jobIds) {
    List<Long> all = List.copyOf(jobIds);
    List<List<Long>> portions = new ArrayList<>();
    for (int from = 0; from < all.size(); from += IDS_A_CALL) {
      portions.add(all.subList(from, Math.min(all.size(), from + IDS_A_CALL)));
    }
    return portions;
  }

  /** The name and version of sacct, as sacct prints them, without asking the cluster. */
  String version() throws IOException, InterruptedException {
    return call(List.of("sacct", "--version"), Map.of()).strip();
  }

  private String call(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    boolean answered = false;
    try {
      String answer = output(command, environment);
      answered = true;
      return answer;
    } finally {
      metrics.called(
          command.get(0), answered, Duration.ofNanos(Math.max(0, System.nanoTime() - began)));
    }
  }

  private static String output(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    // The user's settings would change the answer.
    builder.environment().keySet().removeIf(name -> name.matches("(SQUEUE|SACCT|SLURM_TIME)_.*"));
    builder.environment().putAll(environment);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new SlurmException(
          command.get(0) + " cannot be run (" + e.getMessage() + "); is it on the PATH?");
    }
    CompletableFuture<String> out =
        CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
    if (!process.waitFor(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new SlurmException(
          command.get(0) + " did not answer within " + LONGEST_CALL.toSeconds() + " s.");
    }
    if (process.exitValue() != 0) {
      throw new SlurmException(
          "%s failed with exit code %d: %s"
              .formatted(
                  command.get(0),
                  process.exitValue(),
                  get(err).lines().findFirst().orElse("no output")));
    }
    return get(out);
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the output of SLURM's command.", e);
    }
  }

  private static String get(CompletableFuture<String> text)
      throws IOException, InterruptedException {
    try {
      return text.get(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("Cannot read the output of SLURM's command.", e);
    }
  }
}
