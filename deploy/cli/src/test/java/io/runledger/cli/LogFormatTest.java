package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** What the log of {@code up} and {@code serve} has. */
class LogFormatTest {

  private static String logged(String logger, Consumer<Logger> words) throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(LogFormatTest.class.getResource("/runledger-logback.xml"));
      words.accept(context.getLogger(logger));
    } finally {
      context.stop();
      System.setErr(before);
    }
    return written.toString(StandardCharsets.UTF_8);
  }

  @Test
  void anErrorThatNobodyForesawHasItsPlaceInTheCode() throws Exception {
    String log =
        logged(
            "io.runledger.web.api.Problems",
            logger -> logger.error("A request failed.", new IllegalStateException("of ours")));

    assertThat(log)
        .containsOnlyOnce("ERROR A request failed.")
        .contains("IllegalStateException: of ours")
        .contains("at io.runledger.cli.LogFormatTest.");
  }

  @Test
  void whatTheOutsideWorldDoesIsOneLine() throws Exception {
    assertThat(
            logged(
                "io.runledger.service.log.LogWatch",
                logger -> logger.warn("No broker answers.", new IllegalStateException("away"))))
        .matches("\\d\\d:\\d\\d:\\d\\d WARN  No broker answers\\.\\R");
    assertThat(
            logged(
                "org.apache.kafka.clients.Metadata",
                logger -> logger.error("No broker.", new IllegalStateException("away"))))
        .matches("\\d\\d:\\d\\d:\\d\\d ERROR No broker\\.\\R");
  }
}
