package io.runledger.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.RunEvent;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a process adds to its configuration after the start: a start that names no run and brings a
 * configuration only, from a writer of the attempt.
 */
abstract class ConfigUpdateContract extends Contract {

  @TempDir private Path directory;

  private final Events job = Events.ofSeed(1);

  @Test
  void additionsMakeOneConfigurationInWhateverOrderTheyArrive() throws SQLException {
    SpecificRecord start = job.started(begun -> begun.setConfig("{\"lr\":0.1,\"o\":{\"m\":1}}"));
    SpecificRecord first = update(job, "{\"workers\":4,\"o\":{\"n\":2}}");
    SpecificRecord second = update(job, "{\"workers\":8}");
    SpecificRecord ofAWorker = update(job.writer(200), "{\"rank\":1}");
    SpecificRecord end = job.completed();

    for (List<SpecificRecord> order : orders(List.of(start, first, second, ofAWorker))) {
      List<SpecificRecord> events = new ArrayList<>(order);
      events.add(end);
      TestDatabase database = delivered(events);

      assertThat(Tables.row(database, "SELECT config, attempts, status FROM experiment_runs"))
          .as("the later one of a writer counts, and other keys stay")
          .isEqualTo("{\"lr\":0.1,\"o\":{\"m\":1,\"n\":2},\"workers\":8,\"rank\":1}|1|completed");
      assertThat(Tables.row(database, "SELECT config_drift FROM experiment_runs"))
          .as("workers changed")
          .isEqualTo("1");
      assertThat(
              Tables.rows(
                  database,
                  "SELECT attempt_id, start_writer_id, start_seq, config_conflict FROM run_attempts"))
          .containsExactly("1|%d|0|1".formatted(job.writerId()));
      database.remove();
    }
  }

  @Test
  void anAdditionThatChangesNoValueIsNoDrift() throws SQLException {
    TestDatabase database =
        delivered(
            List.of(
                job.started(begun -> begun.setConfig("{\"lr\":0.1}")),
                update(job, "{\"lr\":0.1}"),
                update(job, "{\"batch\":32}")));

    assertThat(Tables.row(database, "SELECT config, config_drift FROM runs"))
        .isEqualTo("{\"lr\":0.1,\"batch\":32}|0");
  }

  @Test
  void anAdditionOfTheJobStandsOverWhatItsWrapperSaid() throws SQLException {
    Events wrapper = job.writer(300);
    TestDatabase database =
        delivered(
            List.of(
                update(job, "{\"lr\":0.2}"),
                wrapper.started(
                    begun -> begun.setSource("wrapper").setConfig("{\"lr\":0.1,\"a\":1}"))));

    assertThat(Tables.row(database, "SELECT config, config_drift, attempts FROM runs"))
        .isEqualTo("{\"lr\":0.2,\"a\":1}|1|1");
  }

  @Test
  void anAdditionToALaterAttemptIsKeptWithIt() throws SQLException {
    Events again = job.attempt(2);
    TestDatabase database =
        delivered(
            List.of(
                job.started(begun -> begun.setConfig("{\"lr\":0.1}")),
                again.started(begun -> begun.setConfig("{\"lr\":0.1}")),
                update(again, "{\"batch\":32}")));

    assertThat(Tables.row(database, "SELECT config, config_drift, attempts FROM runs"))
        .isEqualTo("{\"lr\":0.1}|1|2");
    assertThat(Tables.rows(database, "SELECT config FROM run_attempts ORDER BY attempt_id"))
        .containsExactly("{\"lr\":0.1}", "{\"lr\":0.1,\"batch\":32}");
  }

  @Test
  void anAdditionShowsNoHiddenRunAndBeginsNothing() throws SQLException {
    Events unnamed = Events.ofName("default", "train.sh", new UUID(1, 2));
    RunEvent start = unnamed.started(begun -> begun.setSource("wrapper").setConfig("{\"a\":1}"));
    RunEvent hidden = unnamed.deleted();
    RunEvent addition = update(unnamed, "{\"b\":2}");
    RunEvent running = unnamed.status(RunStatus.RUNNING, StatusSource.WRAPPER);

    for (List<SpecificRecord> order :
        orders(List.<SpecificRecord>of(start, hidden, addition, running))) {
      TestDatabase database = delivered(order);

      assertThat(
              Tables.row(
                  database,
                  "SELECT deleted, attempts, identity, run_name, config FROM experiment_runs"))
          .isEqualTo("1|1|instance|train.sh|{\"a\":1,\"b\":2}");
      assertThat(Tables.rows(database, "SELECT * FROM runs")).isEmpty();
      database.remove();
    }
  }

  @Test
  void masksAndCutsOfAllAdditionsAreKept() throws SQLException {
    TestDatabase database =
        delivered(
            List.of(
                job.started(
                    begun ->
                        begun.setConfig("{\"token\":\"***\"}").setMaskedKeys(List.of("token"))),
                job.joined(
                    addition ->
                        addition
                            .setSource("job")
                            .setConfig("{\"words\":\"...\",\"api_key\":\"***\"}")
                            .setMaskedKeys(List.of("api_key"))
                            .setConfigTruncatedBytes(100)
                            .setConfigSha256("abc"))));

    assertThat(
            Tables.row(
                database,
                "SELECT masked_keys, config_truncated_bytes, config_sha256 FROM run_attempts"))
        .isEqualTo("[\"api_key\",\"token\"]|100|abc");
  }

  private static RunEvent update(Events writer, String config) {
    return writer.joined(addition -> addition.setSource("job").setConfig(config));
  }

  /** All orders of a few events. */
  private static List<List<SpecificRecord>> orders(List<SpecificRecord> events) {
    if (events.isEmpty()) {
      return List.of(List.of());
    }
    List<List<SpecificRecord>> all = new ArrayList<>();
    for (SpecificRecord first : events) {
      List<SpecificRecord> others = new ArrayList<>(events);
      others.remove(first);
      for (List<SpecificRecord> order : orders(others)) {
        List<SpecificRecord> one = new ArrayList<>(List.of(first));
        one.addAll(order);
        all.add(one);
      }
    }
    return all;
  }

  /**
   * Into an empty database, a batch an event, so that each finds what the others left; what comes
   * twice counts once.
   */
  private TestDatabase delivered(List<SpecificRecord> events) throws SQLException {
    TestDatabase database = database(directory, "runledger");
    try (Projection projection = Deliveries.open(database)) {
      for (SpecificRecord event : events) {
        assertThat(Deliveries.deliver(projection, event).deadLetters()).isZero();
      }
      Deliveries.deliver(projection, events);
    }
    assertThat(OracleDump.of(database)).isEqualTo(Oracle.of(events));
    return database;
  }
}
