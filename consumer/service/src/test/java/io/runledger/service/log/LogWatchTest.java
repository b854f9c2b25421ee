package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceHealth.State;
import io.runledger.service.health.ServiceMetrics;
import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What checking the log shows about a running service. */
class LogWatchTest {

  private final FakeBrokers brokers = new FakeBrokers();
  private final ServiceHealth health = new ServiceHealth(() -> Instant.EPOCH);
  private final ServiceMetrics metrics = new ServiceMetrics(health);
  private final LogWatch watch = watch(false);
  private final LogWatch accepting = watch(true);

  LogWatchTest() {
    brokers.partitions.put(
        new TopicPartition(TopicNames.DEFAULT.name(Topics.RUNS), 0),
        new LogState.PartitionLog("id", 0, 0));
    health.enter(State.RUNNING);
  }

  @AfterEach
  void close() {
    watch.close();
    accepting.close();
  }

  @Test
  void aTopicThatBeginsToForgetMakesTheHealthBadUntilItIsMended() {
    watch.look();
    assertThat(health.report().healthy()).isTrue();
    assertThat(metrics.scrape()).contains("runledger_topics_forgetful 0.0");

    brokers.forgetfulSettings.add("runledger.runs has retention.ms=60000 instead of -1");
    brokers.forgetfulSettings.add("runledger.errors has cleanup.policy=compact instead of delete");
    watch.look();

    assertThat(health.report().healthy()).isFalse();
    assertThat(health.report().state()).as("it reads on").isEqualTo(State.RUNNING);
    assertThat(health.report().reasons())
        .singleElement()
        .asString()
        .contains("Topic runledger.runs has retention.ms=60000 instead of -1")
        .contains("topic runledger.errors has cleanup.policy=compact instead of delete")
        .contains("topics init", "finite.retention.accepted=true");
    assertThat(metrics.scrape()).contains("runledger_topics_forgetful 2.0");
    assertThat(watch.trouble()).isEmpty();

    brokers.forgetfulSettings.clear();
    watch.look();

    assertThat(health.report().healthy()).isTrue();
    assertThat(metrics.scrape()).contains("runledger_topics_forgetful 0.0");
  }

  @Test
  void aTopicThatForgetsIsNoTroubleToWhoAcceptedIt() {
    brokers.forgetfulSettings.add("runledger.runs has retention.ms=60000 instead of -1");

    accepting.look();

    assertThat(health.report().healthy()).isTrue();
    assertThat(metrics.scrape()).contains("runledger_topics_forgetful 0.0");
  }

  @Test
  void brokersThatAreAwayDoNotMakeItForgetThatATopicForgets() {
    brokers.forgetfulSettings.add("runledger.runs has retention.ms=60000 instead of -1");
    watch.look();

    brokers.away = true;
    watch.look();

    assertThat(health.report().reasons())
        .containsExactly(
            "The brokers do not answer.",
            new RetentionCheck.Forgetful(List.copyOf(brokers.forgetfulSettings)).sentence());
  }

  @Test
  void brokersThatAreAwayAreLoggedOnceAndSoIsTheirReturn() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(LogWatch.class);
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.INFO);
    try {
      brokers.away = true;
      watch.look();
      watch.look();
      brokers.away = false;
      watch.look();
      watch.look();
    } finally {
      logger.detachAppender(log);
      logger.setLevel(null);
    }

    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "The brokers do not answer. Nothing is lost: reading continues when they answer.",
            "The brokers answer again.");
  }

  private LogWatch watch(boolean accepted) {
    return new LogWatch(
        new SqliteLocation(Path.of("ledger.db")),
        brokers,
        new RetentionCheck(brokers, accepted),
        health,
        metrics,
        List::of,
        Optional.empty());
  }
}
