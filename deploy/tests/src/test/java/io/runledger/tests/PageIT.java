package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.alert.AlertListener;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.Condition.StatusBecomes;
import io.runledger.fold.alert.RunScope;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.MetricRow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The page in a real browser, on a ledger whose runs have the names that somebody would choose who
 * wants to harm its readers, and on one with 30,000 runs.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PageIT extends BrowserTest {

  private static final String MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>";
  private static final String REVERSED = "\u202Eevil\u202C \u0645\u0631\u062D\u0628\u0627";
  private static final String LONG = "L" + "o".repeat(9_990) + "ng-end-17";

  /** Where the pictures of the views are kept, for people to look at. */
  private static final Path PICTURES = Path.of("target/page").toAbsolutePath();

  private final List<Events> jobs = new ArrayList<>();
  private final List<Events> deleted = new ArrayList<>();

  @BeforeEach
  void open() {
    openLedger();
  }

  private void fill() {
    for (String name : List.of(MARKUP, REVERSED, LONG, "plain")) {
      jobs.add(Events.ofName("page", name, new UUID(7, jobs.size())));
    }
    for (Events job : jobs) {
      List<SpecificRecord> events = new ArrayList<>();
      events.add(
          job.started(
              run ->
                  run.setConfig(
                      "{\"lr\":0.1,\"<b>x</b>\":\"<img src=x onerror=alert(3)>\",\"long\":\"%s\",\"%s\":1}"
                          .formatted(LONG, REVERSED))));
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
    return page.at("runs/" + jobs.get(job).run());
  }

  private void look(String name) throws IOException {
    for (boolean dark : new boolean[] {false, true}) {
      browser.dark(dark);
      browser.screenshot(PICTURES.resolve(name + (dark ? "-dark" : "") + ".png"));
      assertThat(Axe.findings(browser)).as("what a reader cannot use, on " + name).isEmpty();
    }
    browser.dark(false);
    browser.size(360, 740);
    browser.screenshot(PICTURES.resolve(name + "-phone.png"));
    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
        .as("width of " + name + " on a phone")
        .isLessThanOrEqualTo(360);
    browser.size(1400, 900);
    assertNoComplaint(name);
    // Whatever was logged is text: no element of it is on the page.
    assertThat(
            browser
                .evaluate("document.querySelectorAll('img, main b, main i, main script').length")
                .asInt())
        .as("elements made of what was logged, on " + name)
        .isZero();
  }

  /** Of the browser; that what was deleted meanwhile is not found is none of the page. */
  private void assertNoComplaint(String view) {
    assertThat(browser.complaints())
        .as(view)
        .allMatch(
            one ->
                one.contains("status of 404")
                    && deleted.stream().anyMatch(job -> one.contains(job.run().toString())));
  }

  private void delete(Events job) {
    deleted.add(job);
    Deliveries.deliver(projection, job.deleted());
  }

  @Test
  void eachViewShowsWhatWasLoggedAsText() throws IOException {
    fill();
    serve();

    browser.open(page.at(""));
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
      browser.open(page.at("compare?tab=" + tab + "&" + all));
      browser.awaitText("Compare 4 runs");
      look("compare-" + tab);
    }

    browser.open(page.at("errors"));
    browser.awaitText(MARKUP);
    look("errors");

    browser.open(page.at("groups?metric=val/loss&by=name"));
    browser.awaitText("4 groups");
    look("groups");

    browser.open(page.at("alerts"));
    browser.awaitText("No rule has found anything");
    look("alerts");

    for (String view : List.of("jobs", "health")) {
      browser.open(page.at(view));
      browser.await(
          "document.querySelector('main h1') !== null && !document.body.innerText.includes('Loading')");
      look(view);
    }
  }

  @Test
  void theAlertsOfARunAreOnItsPageAndLeadToTheList() throws IOException {
    projection.watch(
        new AlertRules(
            List.of(
                new AlertRule("failed", new StatusBecomes(RunStatus.FAILED), RunScope.ALL),
                new AlertRule(MARKUP, new StatusBecomes(RunStatus.COMPLETED), RunScope.ALL)),
            List.of("chat"),
            Duration.ofHours(1),
            Instant::now,
            new Silent()));
    fill();
    serve();

    browser.open(runUrl(2));
    browser.awaitText("1 alert");
    browser.awaitText("<script>");
    look("run-alerts");
    browser.click("document.querySelector('.run-alerts a')");

    browser.await("location.search === '?run=" + jobs.get(2).run() + "'");
    browser.awaitText("status becomes completed");
    assertThat(browser.text()).doesNotContain("status becomes failed");
    look("alerts-of-run");
  }

  private static final class Silent implements AlertListener {
    @Override
    public void fired(int count) {}

    @Override
    public void failed(String why) {
      throw new AssertionError(why);
    }
  }

  @Test
  void aRunThatIsDeletedSaysSoUntilItIsRestoredAndIsLeftOutOfComparisons() throws IOException {
    fill();
    serve();
    browser.open(runUrl(3));
    browser.await("document.querySelectorAll('.chart canvas').length === 2");

    delete(jobs.get(3));
    browser.awaitText("was deleted");
    browser.complaints();
    look("run-deleted");
    Deliveries.deliver(projection, jobs.get(3).restored());
    browser.await("document.querySelectorAll('.chart canvas').length === 2");

    delete(jobs.get(3));
    browser.open(page.at("compare?run=%s&run=%s".formatted(jobs.get(0).run(), jobs.get(3).run())));
    browser.awaitText("Compare 1 run");
    browser.awaitText("1 run of this address was deleted");
    browser.complaints();
    look("compare-deleted");
  }

  @Test
  void aRunIsFoundComparedAndOpenedWithTheKeyboardAlone() throws IOException {
    fill();
    serve();
    browser.open(page.at(""));
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
    browser.evaluate("history.back()");
    browser.awaitText("1 selected");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void aFilterThatCannotBeReadIsUnderlinedAtItsPlace() throws IOException {
    fill();
    serve();

    for (String view : List.of("runs", "groups", "errors")) {
      browser.open(page.at(view + "?filter=status%20%3D%20failed%20and%20nonsense%20%3D%201"));

      browser.await("document.querySelector('.filter mark') !== null");
      assertThat(browser.evaluate("document.querySelector('.filter mark').textContent").asText())
          .as(view)
          .contains("nonsense");
      browser.awaitText("The filter above cannot be applied.");
      browser.complaints();
    }
  }

  @Test
  void anEmptyLedgerShowsThePythonThatFillsIt() throws IOException {
    serve();

    browser.open(page.at(""));

    browser.awaitText("runledger.init");
    Events first = Events.ofSeed(1);
    Deliveries.deliver(projection, first.started());
    browser.awaitText("7/mnist/cnn/s01/-/1");
    Deliveries.deliver(projection, first.metric("val/loss", 1, 0.25));
    browser.awaitText("0.2500");
    delete(first);
    browser.awaitText("runledger.init");
    assertNoComplaint("runs");
  }
}
