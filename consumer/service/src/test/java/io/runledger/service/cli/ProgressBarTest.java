package io.runledger.service.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.batch.BatchResult;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How far a replay is, for a terminal and for a log. */
class ProgressBarTest {

  private final StringWriter written = new StringWriter();
  private Instant now = Instant.EPOCH;

  private ProgressBar bar(boolean terminal) {
    return new ProgressBar(new PrintWriter(written), terminal, () -> now);
  }

  @Test
  void inALogALineEveryFiveSecondsSaysHowFarItIs() {
    ProgressBar bar = bar(false);

    for (int second = 1; second <= 11; second++) {
      now = Instant.EPOCH.plusSeconds(second);
      bar.at(second * 10L, 200, BatchResult.NOTHING);
    }
    bar.end();

    assertThat(written.toString().lines())
        .hasSize(2)
        .first()
        .asString()
        .startsWith("25%")
        .endsWith("0:15 left");
  }

  @Test
  void onATerminalTheLineIsDrawnOverItselfAndTheLastOneInAnyCase() {
    ProgressBar bar = bar(true);

    now = now.plusMillis(250);
    bar.at(50, 100, BatchResult.NOTHING);
    now = now.plusMillis(10);
    bar.at(60, 100, BatchResult.NOTHING);
    bar.at(100, 100, BatchResult.NOTHING);
    bar.end();

    assertThat(written.toString().split("\r"))
        .hasSize(3)
        .satisfies(drawn -> assertThat(drawn[1]).startsWith("[###############...............]"))
        .satisfies(drawn -> assertThat(drawn[2]).contains("100%").endsWith(System.lineSeparator()));
  }

  @Test
  void whatWasNeverDrawnLeavesNoEmptyLine() {
    bar(true).end();

    assertThat(written.toString()).isEmpty();
  }

  @Test
  void nothingToReadIsAllOfIt() {
    assertThat(ProgressBar.line(0, 0, 0, Duration.ZERO)).contains("100%").endsWith("? left");
  }

  @Test
  void hoursAreShownAsHours() {
    assertThat(ProgressBar.line(1, 3, 7, Duration.ofHours(1)))
        .contains(" 33%")
        .endsWith("2:00:00 left");
  }
}
