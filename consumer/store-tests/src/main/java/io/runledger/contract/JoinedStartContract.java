package io.runledger.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.MergedConfig;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a wrapper and its job, or two processes, say of one attempt at its start. */
abstract class JoinedStartContract extends Contract {

  @TempDir private Path directory;

  private final Events wrapper = Events.ofSeed(1);
  private final Events script = wrapper.writer(2);

  private final SpecificRecord began =
      wrapper.started(
          start ->
              start
                  .setSource("wrapper")
                  .setConfig("{\"a\":\"1\",\"lr\":\"0.10\"}")
                  .setTags(List.of("grid"))
                  .setNotes("by the wrapper")
                  .setHost("n1"));

  @Test
  void aScriptsConfigurationGoesOverItsWrappersInAnyOrder() throws SQLException {
    SpecificRecord joined =
        script.joined(
            start ->
                start
                    .setConfig("{\"lr\":0.1,\"o\":{\"m\":0.9}}")
                    .setTags(List.of("t"))
                    .setNotes("n")
                    .setResumedFromStep(5L)
                    .setHost("n2"));

    for (List<SpecificRecord> order : List.of(List.of(began, joined), List.of(joined, began))) {
      TestDatabase database = delivered(order);

      assertThat(Tables.row(database, "SELECT config, tags, notes, config_drift FROM runs"))
          .isEqualTo("{\"a\":\"1\",\"lr\":0.1,\"o\":{\"m\":0.9}}|[\"grid\",\"t\"]|n|0");
      assertThat(
              Tables.row(
                  database, "SELECT host, resumed_from_step, config_source FROM run_attempts"))
          .isEqualTo("n1|5|job");
      assertThat(Tables.row(database, "SELECT count(*) FROM start_configs")).isEqualTo("2");
    }
  }

  @Test
  void aValueThatTheScriptContradictsIsDrift() throws SQLException {
    SpecificRecord joined = script.joined(start -> start.setConfig("{\"o\":{\"lr\":0.2},\"a\":2}"));
    SpecificRecord third =
        script.writer(3).joined(start -> start.setConfig("{\"o\":{\"lr\":0.3}}"));
    List<SpecificRecord> order = new ArrayList<>(List.of(began, joined, third));

    for (int turn = 0; turn < 3; turn++) {
      Collections.rotate(order, 1);
      TestDatabase database = delivered(order);

      assertThat(Tables.row(database, "SELECT config, config_drift FROM runs"))
          .isEqualTo("{\"a\":2,\"lr\":\"0.10\",\"o\":{\"lr\":0.3}}|1");
    }
  }

  @Test
  void aWrappersWordIsTheWeakerOneThoughItComesLater() throws SQLException {
    TestDatabase database =
        delivered(
            List.of(
                wrapper.started(
                    start -> start.setConfig("{\"lr\":1}").setNotes("job").setResumedFromStep(3L)),
                script.joined(
                    start ->
                        start
                            .setSource("wrapper")
                            .setConfig("{\"lr\":2,\"b\":3}")
                            .setNotes("wrapper")
                            .setResumedFromStep(4L))));

    assertThat(Tables.row(database, "SELECT config, notes, config_drift FROM runs"))
        .isEqualTo("{\"lr\":1,\"b\":3}|job|1");
    assertThat(Tables.row(database, "SELECT resumed_from_step FROM run_attempts")).isEqualTo("3");
  }

  @Test
  void whoTakesPartBeforeTheNameIsKnownLosesNothing() throws SQLException {
    TestDatabase database =
        delivered(List.of(script.joined(start -> start.setConfig("{\"lr\":1}").setNotes("n"))));

    assertThat(Tables.row(database, "SELECT identity, status, config, notes FROM experiment_runs"))
        .isEqualTo("unknown|pending|{\"lr\":1}|n");
  }

  @Test
  void numbersOfAMergedConfigurationStayAsTheyWereWritten() {
    assertThat(
            MergedConfig.of("{\"a\":1.0,\"b\":1e400,\"c\":12345678901234567890.10}")
                .with("{\"d\":-7}")
                .json())
        .isEqualTo("{\"a\":1.0,\"b\":1E+400,\"c\":12345678901234567890.10,\"d\":-7}");
  }

  @Test
  void aGoneProcessEndsARunOfWhichNobodyElseSaysAnEnd() throws SQLException {
    SpecificRecord started = wrapper.started();
    SpecificRecord gone = script.status(RunStatus.FAILED, StatusSource.OBSERVER);
    SpecificRecord running = script.writer(3).status(RunStatus.RUNNING, StatusSource.JOB);
    SpecificRecord completed = wrapper.completed();

    assertThat(Tables.row(delivered(List.of(started, gone, running)), STATUS))
        .isEqualTo("failed|observer|null");
    assertThat(Tables.row(delivered(List.of(gone, started, completed)), STATUS))
        .isEqualTo("completed|job|0");
  }

  @Test
  void aNameGivenLaterStandsOverThatOfEveryStart() throws SQLException {
    TestDatabase database =
        delivered(
            List.of(
                wrapper.started(start -> start.setName("first")),
                wrapper.attempt(9).renamed("baseline"),
                wrapper.attempt(12).started(start -> start.setName("again"))));

    assertThat(Tables.row(database, "SELECT run_name FROM runs")).isEqualTo("baseline");
  }

  private static final String STATUS = "SELECT status, status_source, exit_code FROM runs";

  private int databases;

  private TestDatabase delivered(List<SpecificRecord> events) throws SQLException {
    TestDatabase database = database(directory, "runledger-" + databases++);
    try (Projection projection = Deliveries.open(database)) {
      assertThat(Deliveries.deliver(projection, events).deadLetters()).isZero();
    }
    assertThat(OracleDump.of(database)).isEqualTo(Oracle.of(events));
    return database;
  }
}
