package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.batch.Decoded;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceMetrics;
import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A write-ahead log that cannot shrink is reported, and shrinks once it can. */
class WriteAheadLogWatchTest {

  private static final long ALARM_BYTES = 1L << 20;

  @TempDir private Path directory;
  private Path database;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final ServiceHealth health = new ServiceHealth(() -> now);
  private final ServiceMetrics metrics = new ServiceMetrics(health);
  private final WriteAheadLogWatch watch =
      new WriteAheadLogWatch(ALARM_BYTES, health, metrics, () -> now);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private LiveProjection projection;

  @BeforeEach
  void openTheDatabase() throws InterruptedException {
    database = directory.resolve("runledger.db");
    LedgerTemplate.EMPTY.copyTo(database);
    projection = LiveProjection.open(new SqliteLocation(database));
    projection.claim(Deliveries.OWNER, Deliveries.beginnings());
    health.enter(ServiceHealth.State.RUNNING);
    logged.start();
    logger().addAppender(logged);
  }

  @AfterEach
  void close() {
    logger().detachAppender(logged);
    projection.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(WriteAheadLogWatch.class);
  }

  private void write(long bytes) {
    Events run = Events.ofSeed(1);
    run.started();
    for (long written = 0; written < bytes; written += 1 << 18) {
      ErrorLogged error = run.error("OutOfMemory", "x".repeat(1 << 18));
      projection.apply(Deliveries.batch(projection.positions(), List.of(new Decoded.Event(error))));
    }
  }

  private Connection readerThatStays() throws SQLException {
    Connection reader = DriverManager.getConnection("jdbc:sqlite:" + database);
    reader.setAutoCommit(false);
    try (Statement statement = reader.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM run_errors")) {
      assertThat(row.next()).isTrue();
    }
    return reader;
  }

  @Test
  void aReaderThatStaysMakesTheServiceUnhealthyWithASentenceOnceAMinute() throws SQLException {
    try (Connection reader = readerThatStays()) {
      write(3 * ALARM_BYTES);
      for (int second = 0; second < 90; second++) {
        watch.look(projection);
        now = now.plusSeconds(1);
      }

      assertThat(health.report().healthy()).isFalse();
      assertThat(health.report().state()).isEqualTo(ServiceHealth.State.RUNNING);
      assertThat(health.report().reasons())
          .singleElement()
          .asString()
          .contains(projection.name() + "-wal", "wal.alarm.bytes=1048576", "a reader holds");
      assertThat(logged.list).hasSize(2);
      assertThat(metrics.scrape()).containsPattern("runledger_wal_bytes [3-9]");
      assertThat(reader.isClosed()).isFalse();
    }
  }

  @Test
  void onceTheReaderIsGoneTheLogShrinksAndAllIsWellWithoutANewEvent() throws SQLException {
    try (Connection reader = readerThatStays()) {
      write(3 * ALARM_BYTES);
      watch.look(projection);
      assertThat(health.report().healthy()).isFalse();
      assertThat(reader.isClosed()).isFalse();
    }
    now = now.plus(Duration.ofSeconds(2));

    watch.look(projection);

    assertThat(projection.writeAheadLogBytes()).isLessThan(ALARM_BYTES);
    assertThat(health.report().healthy()).isTrue();
    assertThat(health.report().reasons()).isEqualTo(List.of());
  }

  @Test
  void aLongLogThatNobodyNeedsIsEmptiedAndIsNoTrouble() {
    write(3 * ALARM_BYTES);

    watch.look(projection);

    assertThat(projection.writeAheadLogBytes()).isLessThan(ALARM_BYTES);
    assertThat(health.report().healthy()).isTrue();
    assertThat(logged.list).isEmpty();
  }
}
