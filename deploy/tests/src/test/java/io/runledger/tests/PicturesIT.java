package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.fold.projection.Projection;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the pictures of the page that the documentation shows: each view, light and dark, of a
 * study that is the same each time. {@code deploy/screenshots} runs it.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class PicturesIT {

  private static final Path PICTURES =
      Path.of(System.getProperty("runledger.pictures", "target/pictures")).toAbsolutePath();

  private static final int WIDTH = 1_200;
  private static final int HEIGHT = 720;

  /** Three trials of all methods and rates on one data set, and some of the next. */
  private static final int RUNS = 412;

  private static final int CALLS = 240;

  /** Pictures show where the database is. */
  private static final Path LEDGER = Path.of("/tmp/runledger-study");

  @TempDir private Path directory;
  private Browser browser;
  private ServedPage page;

  @Test
  void takesThePicturesOfAllViews() throws IOException, InterruptedException {
    Path database = Files.createDirectories(LEDGER).resolve("runledger.db");
    try (Projection projection = Deliveries.claimed(SqliteProjection.open(database));
        Browser opened = Browser.start(directory)) {
      browser = opened;
      browser.size(WIDTH, HEIGHT);
      Study study = new Study(projection, CALLS);
      study.deliver(0, RUNS);
      Study.Training live = study.live(RUNS, CALLS / 2);
      Deliveries.deliver(projection, live.log(CALLS / 8), live.heartbeat());
      page = new ServedPage(directory, database);
      takeAll(live.run().toString());
      page.close();
    } finally {
      delete();
    }
  }

  private static void delete() throws IOException {
    try (Stream<Path> files = Files.walk(LEDGER)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void takeAll(String live) throws IOException {
    String columns =
        "?widths=%7B%22name%22:352,%22status%22:150,%22metric.val/loss.min%22:222,"
            + "%22metric.val/accuracy.max%22:172,%22config.optimizer.lr%22:76,%22started%22:84,"
            + "%22took%22:84%7D&columns=status,metric.val/loss.min,metric.val/accuracy.max,"
            + "config.optimizer.lr,started,took";
    take("runs", "runs" + columns, "document.querySelectorAll('.spark').length > 10");
    browser.click("document.querySelectorAll('.grid-row input')[2]");
    browser.click("document.querySelectorAll('.grid-row input')[7]");
    browser.click("document.querySelectorAll('.grid-row input')[12]");
    browser.clickButton("Charts");
    browser.await("document.querySelectorAll('.drawer canvas').length > 1");
    shoot("runs-charts");

    String charts = "document.querySelectorAll('.chart canvas').length > 3";
    take("run", "runs/" + live, charts);
    String failed = first("status = failed and error.type ~ OutOfMemory");
    take("run-why", "runs/" + failed + "?why=1&tab=errors", "document.querySelector('pre')");
    String requeued = first("attempts > 1 and status = completed");
    take("run-attempts", "runs/" + requeued + "?smooth=0.6", charts);

    String some =
        ids(
                "dataset = cifar10 and method in (resnet18, vit-small) and seed = 1 and"
                    + " experiment = augment-1 and status = completed")
            .stream()
            .map(id -> "run=" + id)
            .collect(Collectors.joining("&"));
    take("compare", "compare?" + some, charts);
    String differences = "document.querySelector('table.plain td')";
    take("compare-configuration", "compare?tab=config&" + some, differences);
    take(
        "compare-scatter",
        "compare?tab=scatter&" + wide(),
        "document.querySelectorAll('.scatter circle').length > 20");
    take(
        "compare-parallel",
        "compare?tab=parallel&" + wide(),
        "document.querySelector('.parallel')");

    take(
        "groups",
        "groups?by=method&metric=val/accuracy&filter="
            + "dataset%20%3D%20cifar10%20and%20config.optimizer.lr%20%3D%200.01",
        "document.querySelector('.chart canvas')");
    browser.open(page.at("errors"));
    browser.click("document.querySelector('.error-group summary')");
    browser.await("document.querySelector('.error-group pre') !== null");
    shoot("errors");
    take("jobs", "jobs", "document.querySelector('table.plain td')");
    take("health", "health", "document.querySelector('table.plain td')");
    browser.size(360, 720);
    take("phone", "runs/" + live, "document.querySelector('.chart canvas')");
  }

  /** Completed runs of one experiment, as many as a comparison takes. */
  private String wide() {
    return ids("experiment = augment-1 and dataset = cifar10 and status = completed").stream()
        .limit(80)
        .map(id -> "run=" + id)
        .collect(Collectors.joining("&"));
  }

  private String first(String filter) {
    return ids(filter).get(0);
  }

  private List<String> ids(String filter) {
    browser.open(page.at("login"));
    browser.await("document.readyState === 'complete' && location.pathname === '/login'");
    List<String> ids =
        browser
            .evaluate(
                "fetch('/api/v1/runs?columns=id&limit=100&filter=' + encodeURIComponent('%s'))"
                        .formatted(filter)
                    + ".then(one => one.json()).then(one => one.columns.id.join(' '))")
            .asText()
            .lines()
            .flatMap(line -> List.of(line.split(" ", -1)).stream())
            .toList();
    assertThat(ids).as(filter).isNotEmpty();
    return ids;
  }

  private void take(String name, String path, String ready) throws IOException {
    browser.open(page.at(path));
    browser.await("!!(" + ready + ")");
    shoot(name);
  }

  private void shoot(String name) throws IOException {
    for (boolean dark : new boolean[] {false, true}) {
      browser.dark(dark);
      browser.await("document.querySelector('[aria-busy]') === null");
      browser.await(
          "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
      Path file = PICTURES.resolve("page-" + name + (dark ? "-dark" : "") + ".png");
      browser.screenshot(file);
      SmallPicture.replace(file);
    }
    browser.dark(false);
    assertThat(browser.complaints()).as(name).isEmpty();
  }
}
