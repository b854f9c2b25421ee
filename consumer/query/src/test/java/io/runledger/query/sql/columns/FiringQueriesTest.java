package io.runledger.query.sql.columns;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.CarriedFiring.Delivery;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.alerts.Firing;
import io.runledger.query.alerts.FiringDelivery;
import io.runledger.query.alerts.FiringFilter;
import io.runledger.query.connection.sqlite.SqliteSource;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What rules found, with the deliveries of each. */
class FiringQueriesTest {

  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final Events JOB = Events.ofSeed(3);

  @TempDir Path directory;

  @Test
  void aPageIsReadByOneStatementWhateverItHolds() {
    List<String> asked = new ArrayList<>();

    List<Firing> page;
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      laboratory.deliver(JOB.started());
      laboratory
          .projection()
          .carryFirings(
              List.of(
                  firing("first", 1, "mail", "chat"),
                  firing("second", 2),
                  firing("third", 3, "chat")));
      try (SqliteSource connections = new SqliteSource(laboratory.database(), Ledger.TIME_LIMIT)) {
        page =
            connections.read(
                handle -> {
                  handle.setSqlLogger(
                      new SqlLogger() {
                        @Override
                        public void logAfterExecution(StatementContext context) {
                          asked.add(context.getRenderedSql());
                        }
                      });
                  return FiringQueries.page(handle, FiringFilter.newest(10), Optional.empty(), 10);
                });
      }
    }

    assertThat(asked).hasSize(1);
    assertThat(page).extracting(Firing::rule).containsExactly("third", "second", "first");
    assertThat(page)
        .extracting(firing -> firing.deliveries().stream().map(FiringDelivery::name).toList())
        .containsExactly(List.of("chat"), List.of(), List.of("chat", "mail"));
  }

  private static CarriedFiring firing(String rule, int second, String... receivers) {
    List<Delivery> deliveries = new ArrayList<>();
    for (String receiver : receivers) {
      deliveries.add(
          new Delivery(receiver, "pending", 0, NOON, Optional.empty(), Optional.empty()));
    }
    return new CarriedFiring(
        new io.runledger.fold.alert.Firing(
            rule,
            JOB.run().value(),
            1,
            "attempt:1 failed",
            "status becomes failed",
            Optional.of("failed"),
            Optional.empty(),
            1_767_355_200_000_000L,
            false,
            NOON.plusSeconds(second),
            Optional.empty(),
            Optional.empty()),
        deliveries);
  }
}
