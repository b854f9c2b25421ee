package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.MetricRow;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser, on a ledger whose runs have the names that somebody would choose who
 * wants to harm its readers.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PageIT {

  private static final String MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>";
  private static final String REVERSED = "\u202Eevil\u202C \u0645\u0631\u062D\u0628\u0627";
  private static final String LONG = "L" + "o".repeat(9_990) + "ng-end-17";
  private static final Pattern ADDRESS =
      Pattern.compile("http://[^ ;]+?/(?= |;|$)", Pattern.MULTILINE);

  /** Where the pictures of the views are kept, for people to look at. */
  private static final Path PICTURES = Path.of("target/page").toAbsolutePath();

  @TempDir private Path directory;
  private Projection projection;
  private Process server;
  private Browser browser;
  private String address;
  private final List<Events> jobs = new ArrayList<>();

  @BeforeEach
  void start() throws IOException, InterruptedException {
    browser = Browser.start(directory);
    Path database = directory.resolve("runledger.db");
    projection = Deliveries.claimed(SqliteProjection.open(database));
    fill();
    Path output = directory.resolve("serve.txt");
    server =
        new Distribution(directory)
            .start(output, Map.of(), "serve", "--db", database.toString(), "--port", "0");
    Awaitility.await("the server's address")
        .atMost(Duration.ofMinutes(3))
        .until(() -> ADDRESS.matcher(Distribution.text(output)).find());
    Matcher matcher = ADDRESS.matcher(Distribution.text(output));
    assertThat(matcher.find()).isTrue();
    address = matcher.group();
  }

  @AfterEach
  void stop() {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.destroy();
    }
    if (projection != null) {
      projection.close();
    }
  }

  private void fill() {
    for (String name : List.of(MARKUP, REVERSED, LONG, "plain")) {
      jobs.add(Events.ofName("page", name, new UUID(7, jobs.size())));
    }
    for (Events job : jobs) {
      List<SpecificRecord> events = new ArrayList<>();
      events.add(
          job.started(
              run -> run.setConfig("{\"lr\":0.1,\"<b>x</b>\":\"<img src=x onerror=alert(3)>\"}")));
      List<MetricRow> rows = new ArrayList<>();
      for (int step = 0; step < 200; step++) {
        rows.add(
            Events.call(
                step,
                Map.of(
                    "val/loss", step == 100 ? Double.NaN : 1.0 / (1 + step), "<i>acc</i>", 0.5)));
      }
      events.add(job.metrics(rows.toArray(MetricRow[]::new)));
      Deliveries.deliver(projection, events);
    }
    Deliveries.deliver(
        projection,
        jobs.get(0).error(MARKUP, MARKUP),
        jobs.get(0).status(RunStatus.FAILED, StatusSource.WRAPPER, 1),
        jobs.get(2).completed());
  }

  private String runUrl(int job) {
    return address + "runs/" + jobs.get(job).run();
  }

  private void look(String name) throws IOException {
    for (boolean dark : new boolean[] {false, true}) {
      browser.dark(dark);
      browser.screenshot(PICTURES.resolve(name + (dark ? "-dark" : "") + ".png"));
    }
    browser.dark(false);
    assertThat(browser.complaints()).as(name).isEmpty();
    // Whatever was logged is text: no element of it is on the page.
    assertThat(
            browser
                .evaluate("document.querySelectorAll('img, main b, main i, main script').length")
                .asInt())
        .as("elements made of what was logged, on " + name)
        .isZero();
  }

  @Test
  void eachViewShowsWhatWasLoggedAsText() throws IOException {
    browser.open(address);
    browser.awaitText("4 runs");
    browser.awaitText("<script>");
    look("runs");

    browser.open(runUrl(0) + "?why=1");
    browser.awaitText(MARKUP);
    browser.awaitText("because");
    browser.await("document.querySelectorAll('.chart canvas').length === 2");
    look("run");

    for (String tab : List.of("config", "metrics", "errors")) {
      browser.open(runUrl(0) + "?tab=" + tab);
      browser.awaitText("<");
      look("run-" + tab);
    }

    browser.open(runUrl(2));
    browser.awaitText("ng-end-17");
    look("run-long");

    String all = String.join("&", jobs.stream().map(job -> "run=" + job.run()).toList());
    for (String tab : List.of("charts", "config", "values", "scatter", "parallel")) {
      browser.open(address + "compare?tab=" + tab + "&" + all);
      browser.awaitText("Compare 4 runs");
      look("compare-" + tab);
    }

    browser.open(address + "errors");
    browser.awaitText(MARKUP);
    look("errors");

    for (String view : List.of("jobs", "health")) {
      browser.open(address + view);
      browser.await(
          "document.querySelector('main h1') !== null && !document.body.innerText.includes('Loading')");
      look(view);
    }
  }

  @Test
  void aRunIsFoundComparedAndOpenedWithTheKeyboardAlone() {
    browser.open(address);
    browser.awaitText("4 runs");

    browser.press("/");
    browser.type("status = failed");
    browser.press("Enter");
    browser.awaitText("1 run matches");
    browser.press("Escape");
    browser.press("j");
    browser.press("x");
    browser.awaitText("1 selected");
    browser.press("Enter");

    browser.await("location.pathname === '/runs/" + jobs.get(0).run() + "'");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void aFilterThatCannotBeReadIsUnderlinedAtItsPlace() {
    browser.open(address + "runs?filter=status%20%3D%20failed%20and%20nonsense%20%3D%201");

    browser.await("document.querySelector('.filter mark') !== null");

    assertThat(browser.evaluate("document.querySelector('.filter mark').textContent").asText())
        .contains("nonsense");
  }

  @Test
  void aNewRunAndANewValueAppearByThemselves() {
    browser.open(address);
    browser.awaitText("4 runs");

    Events late = Events.ofName("page", "late arrival", new UUID(7, 99));
    Deliveries.deliver(projection, late.started(), late.metric("val/loss", 1, 0.25));
    browser.awaitText("late arrival");
    browser.awaitText("5 runs");
    Deliveries.deliver(projection, late.metric("val/loss", 2, 0.125));

    browser.awaitText("0.1250");
    assertThat(browser.complaints()).isEmpty();
  }
}
