package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.load.Directories;
import io.runledger.bench.load.MlflowClients;
import io.runledger.bench.load.MlflowServer;
import io.runledger.bench.load.ServeProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** What MLflow's clients wait for, and how much they log, next to MLflow's own server. */
final class GatewayBench implements Benchmark {

  private static final String WORD = "gateway";

  /** Runs of MLflow's server, which takes a minute to create more. */
  private static final int THEIR_RUNS = 1_000;

  private static final int TIMES = 20;

  /**
   * What one server did.
   *
   * @param created calls that created runs
   * @param logged calls that logged metrics
   * @param visibleSeconds from the first of these until all values were answered
   * @param empty calls like these with no metric
   * @param search milliseconds of a search by a metric and a parameter, the median
   * @param newest milliseconds of a page of the newest runs, the median
   */
  private record Server(
      MlflowClients.Calls created,
      MlflowClients.Calls logged,
      double visibleSeconds,
      MlflowClients.Calls empty,
      double search,
      double newest) {}

  @Override
  public void run(Session session) throws IOException, InterruptedException {
    Session.Options options = session.options();
    Path program = MlflowServer.program(options.mlflow());
    // MLflow's server runs in its own directory, from where a relative path leads elsewhere.
    Path directory = Directories.make(session.directory().resolve(WORD).toAbsolutePath());
    int ourRuns = options.queryRuns();
    int theirRuns = Math.min(ourRuns, THEIR_RUNS);
    Server theirs;
    try (MlflowServer server =
        MlflowServer.start(program, Directories.make(directory.resolve("mlflow")))) {
      theirs = measure(session, "mlflow server", server.address(), theirRuns);
    }
    Server ours;
    try (ServeProcess server =
        ServeProcess.up(StartBench.launcher(), Directories.make(directory.resolve("up")))) {
      ours = measure(session, "runledger up", server.address(), ourRuns);
    }
    report(session, ours, ourRuns, theirs, theirRuns);
  }

  private static Server measure(Session session, String name, URI address, int runs)
      throws IOException, InterruptedException {
    try (MlflowClients clients = new MlflowClients(address)) {
      session.progress("gateway: %,d runs to %s", runs, name);
      MlflowClients.Calls created = clients.createRuns(runs);
      clients.completeRuns();
      session.progress("gateway: searches of %s", name);
      double[] search = new double[TIMES];
      double[] newest = new double[TIMES];
      for (int i = 0; i < TIMES; i++) {
        search[i] = clients.searchMillis();
        newest[i] = clients.newestMillis();
      }
      session.progress("gateway: metrics to %s for %d seconds", name, session.options().seconds());
      long begun = System.nanoTime();
      MlflowClients.Calls logged = clients.log(session.options().seconds());
      clients.awaitLogged();
      double visibleSeconds = (System.nanoTime() - begun) / 1e9;
      return new Server(
          created,
          logged,
          visibleSeconds,
          clients.logNothing(session.options().seconds()),
          Numbers.median(search),
          Numbers.median(newest));
    }
  }

  private static void report(
      Session session, Server ours, int ourRuns, Server theirs, int theirRuns) {
    String beside = "mlflow server with SQLite";
    session.add(
        Figure.of(
                WORD,
                "log-batch of %d metrics".formatted(MlflowClients.METRICS),
                values(ours.logged()),
                "values/s")
            .beside(beside, values(theirs.logged()))
            .within(Figure.Budget.ratioAtLeast(50)));
    session.add(
        Figure.of(
                WORD,
                "the same until all is visible",
                values(ours.logged()) * ours.logged().seconds() / ours.visibleSeconds(),
                "values/s")
            .beside(beside, values(theirs.logged())));
    session.add(
        Figure.of(WORD, "log-batch without metrics", ours.empty().perSecond(), "calls/s")
            .beside(beside, theirs.empty().perSecond()));
    session.add(
        Figure.of(WORD, "log-batch, median", ours.logged().median(), "ms")
            .beside(beside, theirs.logged().median()));
    session.add(
        Figure.of(WORD, "log-batch, p99", ours.logged().p99(), "ms")
            .beside(beside, theirs.logged().p99()));
    session.add(
        Figure.of(WORD, "runs created", ours.created().perSecond(), "runs/s")
            .beside(beside, theirs.created().perSecond())
            .within(Figure.Budget.ratioAtLeast(20)));
    String than = "%s, of %,d runs".formatted(beside, theirRuns);
    session.add(
        Figure.of(WORD, "search of %,d runs".formatted(ourRuns), ours.search(), "ms")
            .beside(than, theirs.search())
            .within(Figure.Budget.ratioAtMost(1)));
    session.add(
        Figure.of(
                WORD,
                "newest %,d of %,d runs".formatted(Math.min(MlflowClients.PAGE, ourRuns), ourRuns),
                ours.newest(),
                "ms")
            .beside(than, theirs.newest())
            .within(Figure.Budget.ratioAtMost(1)));
  }

  private static double values(MlflowClients.Calls calls) {
    return calls.perSecond() * MlflowClients.METRICS;
  }
}
