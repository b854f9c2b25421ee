package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The page in a real browser while trainings run, people change runs, and servers come and go, and
 * with as many runs as a group has.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Tag("long")
class LivePageIT extends BrowserTest {

  private static final int RUNS = 60;
  private static final int MANY = 30_000;

  private Study.Training training;

  /** A study with a training that has just begun. */
  private void train() {
    openLedger();
    Study study = new Study(projection, 100);
    study.deliver(0, RUNS);
    training = study.live(RUNS, 20);
  }

  /** Waits until what the page shows at a place is another text than before something happened. */
  private void awaitChange(String view, String place, SpecificRecord... events) {
    String text = "(" + place + ")?.textContent ?? ''";
    browser.await("(" + text + ") !== ''");
    String before = browser.evaluate(text).asText();
    Instant logged = Instant.now();
    Deliveries.deliver(projection, events);
    Awaitility.await("a change on " + view)
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !browser.evaluate(text).asText().equals(before));
    System.out.printf(
        "LivePageIT: %s after %d ms%n", view, Duration.between(logged, Instant.now()).toMillis());
  }

  @Test
  void eachViewFollowsATrainingThatRuns() throws IOException {
    train();
    serve();
    String run = training.run().toString();

    browser.open(page.at("runs/" + run));
    browser.await("document.querySelectorAll('.chart canvas').length > 3");
    awaitChange(
        "run",
        "document.querySelector('[data-metric=\"val/loss\"] .chart-value')",
        training.log(4));

    browser.open(page.at("runs?columns=status,metric.train/loss.last"));
    browser.awaitText("61 runs");
    awaitChange("runs", "document.querySelector('[data-run=\"" + run + "\"]')", training.log(4));

    browser.open(page.at("compare?run=" + run));
    browser.await("document.querySelectorAll('.chart canvas').length > 3");
    awaitChange(
        "compare",
        "document.querySelector('[data-metric=\"val/loss\"] .chart-value')",
        training.log(4));

    browser.open(page.at("groups?by=dataset&metric=train/loss&value=last"));
    awaitChange("groups", "document.querySelector('main table tbody')", training.log(4));

    browser.open(page.at("errors"));
    browser.awaitText("KeyError");
    awaitChange("errors", "document.querySelector('main')", training.error("ZeroDivisionError"));
    browser.awaitText("ZeroDivisionError");

    browser.open(page.at("jobs"));
    browser.awaitText("not observed");
    awaitChange("jobs", "document.querySelector('main')", training.observed("NODE_FAIL", 0));
    browser.awaitText("NODE_FAIL");

    browser.open(page.at("health"));
    browser.awaitText("runledger.metrics");
    awaitChange("health", "document.querySelector('main')", training.log(1));
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void theRangeThatIsDraggedOverIsFetchedAgainAndIsInTheAddress() throws IOException {
    train();
    serve();
    browser.open(page.at("runs/" + training.run()));
    String plot = "document.querySelector('[data-metric=\"train/loss\"] .u-over')";
    browser.await(plot + " !== null");

    double x = browser.evaluate(plot + ".getBoundingClientRect().x").asDouble();
    double y = browser.evaluate(plot + ".getBoundingClientRect().y").asDouble();
    browser.drag(x + 100, y + 40, 200);

    browser.await("/from=\\d+&to=\\d+/.test(location.search)");
    browser.clickButton("Zoom out");
    browser.await("!/from=/.test(location.search)");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void aBrokenConnectionIsSaidAndHealsByItself() throws IOException, InterruptedException {
    train();
    serve();
    browser.open(page.at("runs/" + training.run()));
    browser.await("document.querySelectorAll('.chart canvas').length > 3");
    String value = "document.querySelector('[data-metric=\"train/loss\"] .chart-value')";

    page.kill();
    browser.awaitText("The server has not answered since");
    Deliveries.deliver(projection, training.log(8));
    String before = browser.evaluate(value + ".textContent").asText();
    page.startAgain();

    browser.await("document.querySelector('.offline').hidden");
    browser.await(value + ".textContent !== '" + before + "'");
  }

  @Test
  void whoHasATokenMayDoWhatItIsFor() throws IOException, InterruptedException {
    train();
    serve("--require-token");

    browser.open(page.at("runs/" + training.run() + "?tab=metrics"));
    browser.await("location.pathname === '/login'");
    logIn("rl_nonsense");
    browser.awaitText("not a token of this ledger");
    logIn(token("reader"));
    browser.await("location.search === '?tab=metrics'");
    browser.awaitText("train/loss");
    browser.await("document.documentElement.classList.contains('reader')");
    assertThat(browser.text()).doesNotContain("Delete");
    browser.clickButton("Log out");
    browser.await("location.pathname === '/login'");
    logIn(token("editor"));
    browser.awaitText("61 runs");
    browser.open(page.at("runs/" + training.run()));
    browser.awaitText("Delete");
  }

  private String token(String role) throws IOException, InterruptedException {
    Distribution.Result made =
        new Distribution(directory)
            .run(Map.of(), "token", "create", role, "--role", role, "--db", database().toString());
    assertThat(made.code()).as(made.err()).isZero();
    return made.out().strip();
  }

  private static void logIn(String token) {
    browser.await("document.activeElement?.name === 'token'");
    browser.evaluate("document.activeElement.value = ''");
    browser.type(token);
    browser.press("Enter");
  }

  @Test
  void aRunIsTaggedNotedDeletedAndRestoredOnADesk() throws IOException {
    Path spool = Files.createDirectories(directory.resolve("runledger.db.spool"));
    Files.writeString(
        spool.resolve("job.jsonl"),
        """
        {"at":%d,"start":{"experiment":"7","method":"cnn","seed":3,"config":{"lr":0.1}}}
        {"metrics":{"loss":0.5},"epoch":1}
        {"metrics":{"loss":0.25},"epoch":2}
        """
            .formatted(Instant.now().getEpochSecond()));
    Process follower =
        new Distribution(directory)
            .start(
                directory.resolve("follow.txt"),
                Map.of(),
                "follow",
                "--db",
                database().toString(),
                "--spool",
                spool.toString());
    try {
      Awaitility.await("the database")
          .atMost(Duration.ofMinutes(2))
          .until(() -> Files.exists(database()));
      serve();
      browser.open(page.at("runs"));
      browser.click("document.querySelector('.grid-row a')");
      browser.awaitText("by epoch");

      browser.click("document.querySelector('.tag-editor input')");
      browser.type("paper <b>");
      browser.press("Enter");
      browser.clickButton("Notes");
      browser.click("document.querySelector('textarea')");
      browser.type("Looks right.");
      browser.clickButton("Save");
      browser.awaitText("Saved");
      browser.evaluate("location.reload()");
      browser.await("document.querySelector('textarea')?.value === 'Looks right.'");
      browser.awaitText("paper <b>");

      browser.clickButton("Delete");
      browser.click("document.querySelector('dialog footer .danger')");
      browser.awaitText("1 run deleted");
      browser.awaitText("No run has been recorded yet");
      browser.clickButton("Undo");
      browser.awaitText("7/-/cnn/-/-/3");
      assertThat(browser.complaints()).isEmpty();

      browser.click("document.querySelector('.grid-row a')");
      browser.awaitText("by epoch");
      String address = browser.evaluate("location.href").asText();
      browser.clickButton("Delete");
      browser.click("document.querySelector('dialog footer .danger')");
      browser.awaitText("No run has been recorded yet");
      browser.open(address);
      browser.awaitText("was deleted");
      browser.clickButton("Restore this run");
      browser.awaitText("by epoch");
    } finally {
      follower.destroy();
    }
  }

  @Test
  void aTableOfThirtyThousandRunsScrollsAtOnceAndKnowsThemAll() throws IOException {
    openLedger();
    new Study(projection, 1).deliver(0, MANY);
    serve();

    // The server has answered once: how fast a page is does not depend on Java's first minute.
    browser.open(page.at("runs"));
    browser.awaitText("30,000 runs");
    browser.await("performance.getEntriesByName('useful: all runs').length === 1");
    browser.open(page.at("runs?order=name"));
    browser.await("performance.getEntriesByName('useful: all runs').length === 1");
    System.out.printf(
        "LivePageIT: 30,000 runs: first rows after %d ms, all after %d ms%n",
        mark("useful: runs"), mark("useful: all runs"));

    String end =
        browser
            .evaluate(
                """
                (async () => {
                  const grid = document.querySelector('.grid');
                  grid.scrollTop = grid.scrollHeight;
                  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                  return [...grid.querySelectorAll('.grid-row')].at(-1).textContent; })()""")
            .asText();
    assertThat(end).contains("augment-99/tiny-imagenet/vit-small");
    assertThat(browser.evaluate("document.querySelectorAll('.grid-row').length").asInt())
        .isBetween(20, 100);
    assertThat(browser.complaints()).isEmpty();
  }

  private static long mark(String name) {
    return browser
        .evaluate("Math.round(performance.getEntriesByName('" + name + "')[0].startTime)")
        .asLong();
  }
}
