package io.runledger.bench.load;

import io.runledger.bench.figures.Numbers;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Clients that log to one server as MLflow's do, each its next call when the last one is answered.
 * The same for every server, so that only the servers differ. Not thread-safe.
 */
public final class MlflowClients implements AutoCloseable {

  /** Clients at a time. */
  public static final int CLIENTS = 8;

  /** Metrics a call. */
  public static final int METRICS = 5;

  /** Runs that pass the filter of {@link #searchMillis}, of 500 runs or more. */
  public static final int MATCHING = 50;

  /** Runs on the page of {@link #newestMillis}. */
  public static final int PAGE = MlflowCalls.PAGE;

  private static final int OPTIMIZERS = 10;

  /** Prime, so that it spreads the losses over the runs. */
  private static final long STRIDE = 7_919;

  /** What was accepted is there long before. */
  private static final long PATIENCE_SECONDS = 600;

  private static final int LOOK_MS = 100;

  /**
   * What calls took.
   *
   * @param count how many there were
   * @param seconds from the begin of the first to the end of the last
   * @param median milliseconds until an answer was there
   * @param p99 milliseconds within which 99 of 100 were there
   */
  public record Calls(int count, double seconds, double median, double p99) {

    private static Calls of(double seconds, double[] millis) {
      return new Calls(
          millis.length, seconds, Numbers.median(millis), Numbers.percentile(millis, 0.99));
    }

    /** Calls a second, of all clients together. */
    public double perSecond() {
      return count / seconds;
    }
  }

  /** What one client does. */
  private interface Client {
    void run(int number, Timer timer) throws IOException, InterruptedException;
  }

  /** Something that grows until all is there. */
  private interface Count {
    int now() throws IOException, InterruptedException;
  }

  private final MlflowCalls calls;
  private final String experiment;
  private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
  private List<String> runs = List.of();
  private final List<String> trainings = new ArrayList<>();
  private final int[] steps = new int[CLIENTS];

  /**
   * Clients with an experiment of their own.
   *
   * @param server where it listens, with a slash at the end
   */
  public MlflowClients(URI server) throws IOException, InterruptedException {
    calls = new MlflowCalls(server);
    experiment = calls.createExperiment("bench");
  }

  private Calls together(Client client) throws InterruptedException {
    long begun = System.nanoTime();
    List<Future<double[]>> all = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      int number = i;
      all.add(
          clients.submit(
              () -> {
                Timer timer = new Timer();
                client.run(number, timer);
                return timer.millis();
              }));
    }
    List<double[]> millis = new ArrayList<>();
    for (Future<double[]> one : all) {
      try {
        millis.add(one.get());
      } catch (ExecutionException e) {
        throw new BenchException("A client failed: " + e.getCause().getMessage(), e.getCause());
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    return Calls.of(seconds, millis.stream().flatMapToDouble(Arrays::stream).toArray());
  }

  /** What to do for one of several, by its number. */
  private interface Each {
    void run(int number) throws IOException, InterruptedException;
  }

  private Calls each(int count, Each each) throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    return together(
        (client, timer) -> {
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            timer.begin();
            each.run(i);
            timer.end();
          }
        });
  }

  /** Creates runs, once. */
  public Calls createRuns(int count) throws InterruptedException {
    String[] ids = new String[count];
    Calls created = each(count, i -> ids[i] = calls.createRun(experiment, "run-" + i));
    runs = List.of(ids);
    return created;
  }

  /**
   * Logs parameters and a value of each metric to every run that was created, one call each, and
   * waits until searches find them all. Of each tenth of the runs, which has one optimizer, the
   * losses are spread from 0 to 1.
   *
   * @throws BenchException when they are not found
   */
  public void completeRuns() throws IOException, InterruptedException {
    var unused =
        each(
            runs.size(),
            i ->
                calls.logBatch(
                    runs.get(i),
                    0,
                    metrics(loss(i)),
                    Map.of(
                        "optimizer",
                        "optimizer-" + i % OPTIMIZERS,
                        "learning_rate",
                        "1e-3",
                        "batch_size",
                        "128")));
    int matching =
        (int)
            IntStream.range(0, runs.size())
                .filter(i -> i % OPTIMIZERS == 0 && loss(i) < bound())
                .count();
    await(matching, "runs that match", () -> calls.search(experiment, filter()));
    await(runs.size(), "runs", () -> calls.countRuns(experiment));
  }

  private double loss(int run) {
    return (double) (run * STRIDE % runs.size()) / runs.size();
  }

  private static Map<String, Double> metrics(double loss) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("loss", loss);
    for (int i = 1; i < METRICS; i++) {
      metrics.put("metric_" + i, loss + i);
    }
    return metrics;
  }

  private String filter() {
    return "metrics.loss < %s and params.optimizer = 'optimizer-0'".formatted(bound());
  }

  private double bound() {
    return Math.min(1, (double) MATCHING * OPTIMIZERS / runs.size());
  }

  /** Milliseconds of a search by a metric and a parameter. */
  public double searchMillis() throws IOException, InterruptedException {
    return millis(() -> calls.search(experiment, filter()));
  }

  /** Milliseconds of a search for the newest runs. */
  public double newestMillis() throws IOException, InterruptedException {
    return millis(() -> calls.search(experiment, ""));
  }

  private static double millis(Count search) throws IOException, InterruptedException {
    Timer timer = new Timer();
    timer.begin();
    int found = search.now();
    timer.end();
    if (found == 0) {
      throw new BenchException("A search found nothing; this is a bug, please report it.");
    }
    return timer.millis()[0];
  }

  /** Logs {@link #METRICS} metrics a call for some seconds, each client to a run of its own. */
  public Calls log(int seconds) throws IOException, InterruptedException {
    for (int i = 0; i < CLIENTS; i++) {
      trainings.add(calls.createRun(experiment, "training-" + i));
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    return together(
        (client, timer) -> {
          while (System.nanoTime() < end) {
            timer.begin();
            int step = steps[client];
            calls.logBatch(trainings.get(client), step, metrics(1.0 / (step + 1)), Map.of());
            timer.end();
            steps[client]++;
          }
        });
  }

  /**
   * Calls for some seconds as {@link #log} did before, with no metric in any: what a call costs
   * when nothing is done with it.
   */
  public Calls logNothing(int seconds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    return together(
        (client, timer) -> {
          while (System.nanoTime() < end) {
            timer.begin();
            calls.logBatch(trainings.get(client), 0, Map.of(), Map.of());
            timer.end();
          }
        });
  }

  /**
   * Waits until all that was logged is answered.
   *
   * @throws BenchException when it is not
   */
  public void awaitLogged() throws IOException, InterruptedException {
    for (int i = 0; i < CLIENTS; i++) {
      String run = trainings.get(i);
      await(steps[i], "values of a run", () -> calls.countPoints(run, "loss"));
    }
  }

  private static void await(int expected, String what, Count count)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    int found = count.now();
    while (found != expected) {
      if (System.nanoTime() > deadline || found > expected) {
        throw new BenchException(
            "%,d %s were logged, but %,d are answered; this is a bug, please report it."
                .formatted(expected, what, found));
      }
      Thread.sleep(LOOK_MS);
      found = count.now();
    }
  }

  @Override
  public void close() {
    clients.shutdownNow();
  }

  /** Milliseconds of calls, one after the other. */
  private static final class Timer {
    private double[] millis = new double[1_024];
    private int count;
    private long begun;

    void begin() {
      begun = System.nanoTime();
    }

    void end() {
      if (count == millis.length) {
        millis = Arrays.copyOf(millis, 2 * count);
      }
      millis[count++] = (System.nanoTime() - begun) / 1e6;
    }

    double[] millis() {
      return Arrays.copyOf(millis, count);
    }
  }
}
