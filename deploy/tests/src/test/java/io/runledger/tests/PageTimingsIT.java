package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.bench.figures.Numbers;
import io.runledger.bench.load.FoldedLoad;
import io.runledger.bench.load.Workload;
import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.client.Tracker;
import io.runledger.config.Configuration;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the reader of a page waits for, by the browser's own clock. It measures, and fails only
 * where nothing is shown; {@code deploy/page-timings} runs it and prints what it found.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class PageTimingsIT {

  private static final int RUNS = Integer.getInteger("runledger.page.runs", 30_000);
  private static final int METRICS = 50;
  private static final int POINTS = Integer.getInteger("runledger.page.points", 20_000);
  private static final int LOADS = 9;
  private static final int VALUES = 300;
  private static final long PAUSE_MS = 100;
  private static final Pattern PAGE = Pattern.compile("page +(http://\\S+)");

  @TempDir private Path directory;
  private Browser browser;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    browser = Browser.start(directory);
  }

  @AfterEach
  void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  private static void print(String what, double millis, int budget) {
    System.out.printf(
        Locale.ROOT, "page-timings: %-58s %,8.0f ms   at most %,d ms%n", what, millis, budget);
  }

  /** Milliseconds from the start of each load to the first useful paint. */
  private double[] loads(String address, String mark) {
    double[] millis = new double[LOADS];
    String entry = "performance.getEntriesByName('useful: " + mark + "')[0]";
    for (int i = 0; i < LOADS; i++) {
      browser.open("about:blank");
      browser.await("location.href === 'about:blank'");
      browser.open(address);
      browser.await("location.href !== 'about:blank' && " + entry + " !== undefined");
      millis[i] = browser.evaluate(entry + ".startTime").asDouble();
    }
    return millis;
  }

  private void printLoads(String what, double[] millis) {
    print(what + ", first load", millis[0], 1_000);
    print(what + ", median of the others", Numbers.median(rest(millis)), 1_000);
    print(what + ", slowest of the others", Numbers.percentile(rest(millis), 1), 1_000);
  }

  private static double[] rest(double[] millis) {
    double[] rest = new double[millis.length - 1];
    System.arraycopy(millis, 1, rest, 0, rest.length);
    return rest;
  }

  @Test
  void firstUsefulPaint() throws IOException {
    Path database = directory.resolve("runledger.db");
    RunId wide;
    try (Projection projection = SqliteProjection.open(database)) {
      FoldedLoad load = new FoldedLoad(projection);
      wide = load.longRun(1, METRICS, POINTS);
      load.runs(new Workload(RUNS * 100L, RUNS, 100, 10, 1));
      load.flush();
    }
    try (ServedPage page = new ServedPage(directory, database)) {
      printLoads("%,d runs".formatted(RUNS), loads(page.at("runs"), "runs"));
      browser.awaitText("%,d runs".formatted(RUNS + 1));
      printLoads(
          "a run of %d metrics of %,d points".formatted(METRICS, POINTS),
          loads(page.at("runs/" + wide), "charts"));
    }
    assertThat(browser.complaints()).isEmpty();
  }

  /** With a broker and the service between the job and the page. */
  @Test
  void fromLogToPixel() throws Exception {
    Path data = directory.resolve("data");
    Path output = directory.resolve("up.txt");
    Process up =
        new Distribution(directory).start(output, Map.of(), "up", "--data", data.toString());
    try {
      Awaitility.await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> Distribution.text(output).contains("export RUNLEDGER_CONFIG="));
      Matcher address = PAGE.matcher(Distribution.text(output));
      assertThat(address.find()).isTrue();
      double[] millis = pixels(address.group(1), data.resolve("stack.properties"));
      print("log() to pixel, median", Numbers.median(millis), 1_500);
      print("log() to pixel, p99", Numbers.percentile(millis, 0.99), 1_500);
    } finally {
      up.destroy();
      assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private double[] pixels(String address, Path settings) throws InterruptedException {
    Configuration configuration = Configuration.load(Map.of(), Map.of(), Optional.of(settings));
    long[] loggedAt = new long[VALUES + 1];
    try (Tracker tracker = Tracker.open(configuration);
        RunHandle run =
            tracker.start(RunKey.of("page", "timings", "live", null, null, 1L), Map.of())) {
      run.log(Map.of("value", 0.0), At.step(0));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                browser.open(address + "runs/" + run.runId());
                Thread.sleep(1_000);
                return browser.text().contains("value");
              });
      browser.await("document.querySelector('.chart-value')?.textContent === '0'");
      // When each value was first on the screen.
      browser.evaluate(
          """
          window.seen = [];
          (function look() {
            const value = Number(document.querySelector('.chart-value')?.textContent);
            if (window.seen.length === 0 || window.seen.at(-1)[0] !== value) window.seen.push([value, Date.now()]);
            requestAnimationFrame(look);
          })();
          true
          """);
      for (int value = 1; value <= VALUES; value++) {
        loggedAt[value] = System.currentTimeMillis();
        run.log(Map.of("value", (double) value), At.step(value));
        Thread.sleep(PAUSE_MS);
      }
      browser.await("window.seen.at(-1)[0] === " + VALUES);
    }
    var seen = browser.evaluate("window.seen");
    double[] millis = new double[VALUES];
    int next = 0;
    for (int value = 1; value <= VALUES; value++) {
      // One that was followed by another before the next frame was never shown by itself.
      while (seen.get(next).get(0).asInt() < value) {
        next++;
      }
      millis[value - 1] = seen.get(next).get(1).asLong() - loggedAt[value];
    }
    return millis;
  }
}
