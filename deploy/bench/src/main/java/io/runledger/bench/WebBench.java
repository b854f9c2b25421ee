package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.load.Directories;
import io.runledger.bench.load.FoldedLoad;
import io.runledger.bench.load.ServeProcess;
import io.runledger.bench.load.Workload;
import io.runledger.fold.projection.Projection;
import io.runledger.query.Ledger;
import io.runledger.query.filter.NamedField;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.series.Series.Range;
import io.runledger.schemas.RunId;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a page and programs wait for that ask a server over HTTP. */
final class WebBench implements Benchmark {

  private static final String WORD = "web";
  private static final String LONG_METRIC = "loss";
  private static final int WIDTH = 1_000;
  private static final int METRICS = 50;
  private static final int PAGES = 50;
  private static final double MEBIBYTE = 1 << 20;
  private static final double REQUESTS_PER_SECOND = 20;
  private static final int TIMES = 20;
  private static final String LIST_COLUMNS = "id,name,status,started,took,metric.loss.last";
  private static final String TABLE_COLUMNS = LIST_COLUMNS + ",method,seed,metric.val/loss.min";
  private static final long POINTS_PER_RUN = 100;
  private static final int CALLS_PER_RECORD = 10;

  @Override
  public void run(Session session) throws IOException, InterruptedException {
    Session.Options options = session.options();
    session.progress(
        "web: building a database of %,d runs, a series of %,d points and %d of %,d",
        options.queryRuns(), options.seriesPoints(), METRICS, options.pagePoints());
    Path directory = Directories.make(session.directory().resolve(WORD));
    Path database = directory.resolve("web.db");
    RunId longRun;
    RunId wideRun;
    try (Projection projection = SqliteProjection.open(database)) {
      FoldedLoad filler = new FoldedLoad(projection);
      long seed = options.workload().seed();
      longRun = filler.longRun(seed, 1, options.seriesPoints());
      wideRun = filler.longRun(seed, METRICS, options.pagePoints());
      filler.runs(
          new Workload(
              options.queryRuns() * POINTS_PER_RUN,
              options.queryRuns(),
              100,
              CALLS_PER_RECORD,
              seed));
      filler.flush();
    }
    try (Ledger ledger = Ledger.open(database);
        ServeProcess server = ServeProcess.start(StartBench.launcher(), directory, database)) {
      lists(session, ledger, server);
      curves(session, ledger, server, longRun);
      page(session, ledger, server, wideRun);
      memory(session, server, wideRun);
    }
  }

  private static void lists(Session session, Ledger ledger, ServeProcess server)
      throws IOException, InterruptedException {
    String runs = "%,d runs".formatted(session.options().queryRuns());
    String list = "/runs?limit=100&columns=" + LIST_COLUMNS;
    session.progress("web: lists");
    session.add(
        Figure.of(WORD, "100 of " + runs + ", p99 at 20/s", p99(session, server, list), "ms")
            .beside("the Java API, one at a time", rows(ledger, LIST_COLUMNS, 100))
            .within(Figure.Budget.atMost(50)));
    session.add(
        Figure.of(
                WORD,
                "all " + runs,
                server.median("/runs?limit=50000&columns=" + TABLE_COLUMNS, TIMES),
                "ms")
            .beside("the Java API", rows(ledger, TABLE_COLUMNS, 50_000)));
  }

  private static double rows(Ledger ledger, String columns, int limit) {
    return time(
        () ->
            ledger.rows(
                RunFilter.newest(limit), NamedField.fields(NamedField.list("columns", columns))));
  }

  private static void curves(Session session, Ledger ledger, ServeProcess server, RunId run)
      throws IOException, InterruptedException {
    String points = "%,d points".formatted(session.options().seriesPoints());
    session.progress("web: curves");
    session.add(
        Figure.of(
                WORD,
                "curve of " + points + ", p99 at 20/s",
                p99(session, server, curve(run, LONG_METRIC)),
                "ms")
            .beside(
                "the Java API, one at a time",
                time(() -> ledger.series(run, LONG_METRIC, WIDTH, Range.ALL, Optional.empty())))
            .within(Figure.Budget.atMost(150)));
  }

  private static String curve(RunId run, String... metrics) {
    return "/curves?width=%d&run=%s%s"
        .formatted(
            WIDTH,
            run,
            List.of(metrics).stream()
                .map(metric -> "&metric=" + URLEncoder.encode(metric, StandardCharsets.UTF_8))
                .collect(Collectors.joining()));
  }

  private static void page(Session session, Ledger ledger, ServeProcess server, RunId run)
      throws IOException, InterruptedException {
    String[] metrics = metrics(ledger, run);
    String what = "%d metrics of %,d points".formatted(METRICS, session.options().pagePoints());
    double first = server.millis(curve(run, metrics));
    session.add(Figure.of(WORD, what + ", first", first, "ms"));
    session.add(Figure.of(WORD, what + ", again", server.median(curve(run, metrics), TIMES), "ms"));
  }

  private static String[] metrics(Ledger ledger, RunId run) {
    return ledger.summaries(run).stream().map(summary -> summary.name()).toArray(String[]::new);
  }

  /** Each page listens for changes and has asked for a run. */
  private static void memory(Session session, ServeProcess server, RunId run)
      throws IOException, InterruptedException {
    session.progress("web: %d open pages", PAGES);
    double mebibytes = server.residentWithListeners(PAGES, "/runs/" + run) / MEBIBYTE;
    session.add(Figure.of(WORD, PAGES + " open pages, resident", mebibytes, "MiB"));
  }

  private static double p99(Session session, ServeProcess server, String path)
      throws InterruptedException, IOException {
    int requests = (int) (REQUESTS_PER_SECOND * session.options().seconds());
    return Numbers.percentile(server.atRate(path, REQUESTS_PER_SECOND, requests), 0.99);
  }

  /** The median of the milliseconds that it takes. */
  private static double time(Runnable question) {
    double[] millis = new double[TIMES];
    for (int i = 0; i < TIMES; i++) {
      long begun = System.nanoTime();
      question.run();
      millis[i] = (System.nanoTime() - begun) / 1e6;
    }
    return Numbers.median(millis);
  }
}
