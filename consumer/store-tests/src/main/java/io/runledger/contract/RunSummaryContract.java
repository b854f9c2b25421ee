package io.runledger.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** The view {@code run_summary}: of each name the newest value of all results of a run. */
abstract class RunSummaryContract extends OpenProjection {

  private static final String SUMMARY = "SELECT name, value FROM run_summary ORDER BY 1";

  private final Events job = Events.ofSeed(1);

  @Test
  void ofEachNameTheNewestValueStandsInTheOrderOfAttemptsWritersAndNumbers() throws SQLException {
    Events later = job.attempt(9);
    List<SpecificRecord> events =
        new ArrayList<>(
            List.of(
                job.started(),
                job.results("{\"best\":0.5,\"of\":\"first\",\"only\":1}"),
                job.results("{\"best\":0.4}"),
                job.writer(101).results("{\"of\":\"a worker\"}"),
                later.started(),
                later.results("{\"best\":0.7}")));
    Collections.shuffle(events, new Random(7));

    Deliveries.deliver(projection, events);

    assertThat(Tables.rows(database, SUMMARY)).containsExactly("best|0.7", "of|a worker", "only|1");
  }

  @Test
  void theOrderOfAttemptsIsThatOfCausesAndNotOfClocks() throws SQLException {
    Events behindItsClock = job.attempt(5);
    Deliveries.deliver(
        projection,
        job.attempt(9).started(),
        job.attempt(9).results("{\"best\":1}"),
        behindItsClock.started(start -> start.setPredecessorAttemptId(9L)),
        behindItsClock.results("{\"best\":2}"));

    assertThat(Tables.row(database, "SELECT value FROM run_summary")).isEqualTo("2");
  }

  @Test
  void aValueIsANumberATextOrItsJson() throws SQLException {
    Deliveries.deliver(
        projection,
        job.started(),
        job.results(
            "{\"a\":1,\"b\":true,\"c\":[1,{\"d\":2}],\"e\":null,\"f\":\"NaN\",\"g\":{},\"a\":2}"),
        job.results("[3]"),
        job.results("4"));

    assertThat(Tables.rows(database, SUMMARY))
        .containsExactly("a|2", "b|true", "c|[1,{\"d\":2}]", "e|null", "f|NaN", "g|{}");
  }

  @Test
  void aDeletedRunHasNoneAndAnotherRunItsOwn() throws SQLException {
    Events other = Events.ofSeed(2);
    Deliveries.deliver(
        projection,
        job.started(),
        job.results("{\"best\":1}"),
        job.deleted(),
        other.started(),
        other.results("{\"best\":2}"));

    assertThat(Tables.rows(database, "SELECT run_id, value FROM run_summary"))
        .containsExactly(other.run().value() + "|2");
  }
}
