package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Samples.Sample;
import io.runledger.bench.load.BenchEnvironment;
import io.runledger.bench.load.BenchStore;
import io.runledger.bench.load.FilledLog;
import io.runledger.bench.load.Workload;
import io.runledger.config.Configuration;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the benches of one call share: the options, the environment and the log on it, each created
 * when the first bench asks for it, and the figures so far.
 */
final class Session implements AutoCloseable {

  /**
   * The options of the call.
   *
   * @param workload the load of {@code ingest}, {@code rebuild} and {@code size}
   * @param rounds how many times each of them is measured; the medians are shown
   * @param verify whether each database is compared with the log, row by row
   * @param logCalls calls that {@code log} times in each state of the brokers
   * @param rate points a second that {@code latency} logs
   * @param seconds how long {@code latency} and {@code gateway} log
   * @param queryRuns runs in the databases of {@code query}, {@code web} and {@code gateway}
   * @param seriesPoints points of the one long series in them
   * @param pagePoints points of each metric of the run that {@code web} opens
   * @param mlflow the program that {@code gateway} is measured next to; empty for the PATH's
   */
  record Options(
      Workload workload,
      int rounds,
      boolean verify,
      int logCalls,
      int rate,
      int seconds,
      int queryRuns,
      int seriesPoints,
      int pagePoints,
      Optional<Path> mlflow) {}

  private final Options options;
  private final Path directory;
  private final BenchStore store;
  private final Optional<Configuration> cluster;
  private final PrintWriter words;
  private final List<Figure> figures = new ArrayList<>();
  private final Map<String, List<Sample>> curves = new LinkedHashMap<>();
  private Optional<BenchEnvironment> environment = Optional.empty();
  private Optional<FilledLog> log = Optional.empty();

  /**
   * @param store what is measured
   * @param cluster where to create the topics; empty for a local stack
   * @param words where progress is written
   */
  Session(
      Options options,
      Path directory,
      BenchStore store,
      Optional<Configuration> cluster,
      PrintWriter words) {
    this.options = options;
    this.directory = directory;
    this.store = store;
    this.cluster = cluster;
    this.words = words;
  }

  Options options() {
    return options;
  }

  Path directory() {
    return directory;
  }

  BenchStore store() {
    return store;
  }

  BenchEnvironment environment() throws InterruptedException {
    if (environment.isEmpty()) {
      environment =
          Optional.of(
              cluster.isPresent()
                  ? BenchEnvironment.onCluster(directory, store, cluster.get())
                  : BenchEnvironment.local(directory, store));
    }
    return environment.get();
  }

  /** The load on the topics. */
  FilledLog log() throws InterruptedException {
    if (log.isEmpty()) {
      progress(
          "writing about %,d points of %,d runs to the topics (seed %d)",
          options.workload().points(), options.workload().runs(), options.workload().seed());
      log = Optional.of(FilledLog.fill(environment(), options.workload()));
    }
    return log.get();
  }

  void add(Figure figure) {
    figures.add(figure);
  }

  void add(String name, List<Sample> curve) {
    curves.put(name, curve);
  }

  void progress(String format, Object... values) {
    words.println("bench: " + String.format(Locale.ROOT, format, values));
    words.flush();
  }

  List<Figure> figures() {
    return List.copyOf(figures);
  }

  Map<String, List<Sample>> curves() {
    return new LinkedHashMap<>(curves);
  }

  @Override
  public void close() {
    environment.ifPresent(BenchEnvironment::close);
  }
}
