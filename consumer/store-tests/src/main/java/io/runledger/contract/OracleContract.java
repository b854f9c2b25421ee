package io.runledger.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The oracle itself, against lines that follow from the rules by hand. */
abstract class OracleContract extends Contract {

  @TempDir private Path directory;

  @Test
  void anObservedBadEndBeatsTheClaimAndTheLaterAttemptSupersedes() {
    Events first = Events.ofSeed(3).attempt(1);
    Events second = Events.ofSeed(3).attempt(2).writer(21);
    List<SpecificRecord> events =
        List.of(
            first.started(),
            first.metrics(
                Events.call(0, Map.of("loss", 1.0)),
                Events.call(1, Map.of("loss", Double.NaN)),
                Events.call(2, Map.of("loss", -7.0))),
            second.resumedFrom(2),
            second.metrics(Events.call(2, Map.of("loss", 0.5))),
            second.status(RunStatus.FAILED, StatusSource.SCHEDULER, 9),
            second.completed());

    Map<String, List<String>> lines = Oracle.of(events);

    String run = first.run().value() + "|";
    assertThat(lines.get("experiment_runs"))
        .singleElement()
        .asString()
        .startsWith(run + "key|7|mnist|cnn|s01|null|3|")
        .contains("|failed|", "|scheduler|9|2|1|2|0|");
    assertThat(lines.get("metric_summaries"))
        .as("the -7 of step 2 is superseded, and NaN is only counted")
        .containsExactly(run + "loss|3|1|0.5|2|0|1.0|0|0|0.5|2|0|0");
    assertThat(lines.get("metric_points")).hasSize(4);
    assertThat(lines.get("event_streams"))
        .contains(run + "1|100|runledger.metrics|0-2|3|2", run + "2|21|runledger.runs|0-2|3|2");
  }

  @Test
  void whatComesTwiceOrInAnotherOrderChangesNothing() {
    Events job = Events.ofSeed(4);
    SpecificRecord start = job.started();
    SpecificRecord metric = job.metric("loss", 0, 1);
    SpecificRecord end = job.completed();

    assertThat(Oracle.of(List.of(end, metric, start, metric, end)))
        .isEqualTo(Oracle.of(List.of(start, metric, end)));
  }

  @Test
  void aHoleInAStreamIsSeen() {
    Events job = Events.ofSeed(4);
    SpecificRecord start = job.started();
    job.completed();
    SpecificRecord later = job.heartbeat(30);

    assertThat(Oracle.of(List.of(start, later)).get("event_streams"))
        .containsExactly(job.run().value() + "|1|1|runledger.runs|0-0,2-2|2|2");
  }

  @Test
  void aDatabaseWithOneWrongNumberIsNotWhatItSays() throws SQLException {
    TestDatabase database = database(directory, "runledger");
    Events job = Events.ofSeed(5);
    List<SpecificRecord> events =
        List.of(job.started(), job.metric("loss", 0, 0.5), job.completed());
    try (Projection projection = Deliveries.open(database)) {
      Deliveries.deliver(projection, events);
    }
    assertThat(OracleDump.of(database)).isEqualTo(Oracle.of(events));

    Tables.change(database, "UPDATE metric_points SET value = 0.5000000000000001");

    assertThat(OracleDump.of(database)).isNotEqualTo(Oracle.of(events));
  }
}
