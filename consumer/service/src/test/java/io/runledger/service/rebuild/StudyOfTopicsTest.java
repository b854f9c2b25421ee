package io.runledger.service.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.contract.Events;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.service.log.WireBytes;
import io.runledger.service.spool.SpoolLog;
import io.runledger.service.stop.PositionException;
import io.runledger.service.study.StudyExport;
import io.runledger.spool.study.StudyImport;
import io.runledger.sqlite.file.CanonicalDump;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a cluster's ledger, carried to a desk. */
@Timeout(60)
class StudyOfTopicsTest {

  @TempDir private Path directory;
  private final LogInMemory log = new LogInMemory();
  private final Events one = Events.ofSeed(1);
  private final Events other = Events.ofSeed(2);

  private Configuration configuration(String database) {
    return Configuration.load(
        Map.of(
            "db",
            directory.resolve(database).toString(),
            "schema.registry.url",
            "http://127.0.0.1:1"),
        Map.of("HOME", directory.toString()),
        Optional.empty());
  }

  private void fill() throws Exception {
    log.append(one.started());
    log.append(
        one.metrics(
            Events.call(1, Map.of("loss", 0.5)), Events.call(2, Map.of("loss", Double.NaN))));
    log.append(one.error("ValueError", "bad shape"));
    log.append(one.completed());
    LogInMemory.LEDGER.copyTo(directory.resolve("a.db"));
    Rebuild.run(configuration("a.db"), log, false, (done, total, soFar) -> {});
  }

  private StudyExport.Report export(Set<RunId> runs, boolean acceptGap) throws Exception {
    return StudyExport.run(
        configuration("a.db"),
        log,
        runs,
        directory.resolve("study.rls"),
        acceptGap,
        (done, total) -> {});
  }

  @Test
  void theDeskHasTheSameRows() throws Exception {
    fill();
    // Behind what the database was made from.
    log.append(other.started());

    StudyExport.Report report = export(Set.of(one.run(), other.run()), false);
    Path spool = directory.resolve("spool");
    StudyImport.into(spool, directory.resolve("study.rls"), bytes -> {});
    Rebuild.run(
        configuration("b.db"),
        SpoolLog.of(spool, configuration("b.db")),
        false,
        (done, total, soFar) -> {});

    assertThat(report.runs()).isEqualTo(1);
    assertThat(report.events()).isEqualTo(5);
    assertThat(CanonicalDump.compare(directory.resolve("a.db"), directory.resolve("b.db")))
        .isEmpty();
    assertThat(log.isLeftAlone()).isTrue();
  }

  /** Elsewhere it would have its own key, and become an event that it is not here. */
  @Test
  void anEventUnderTheKeyOfAnotherRunIsLeftOut() throws Exception {
    log.append(
        Topics.RUNS,
        other.run().toString().getBytes(StandardCharsets.UTF_8),
        WireBytes.value(LogInMemory.schemaId(Topics.RUNS), one.completed()));
    fill();

    StudyExport.Report report = export(Set.of(one.run()), false);

    assertThat(report.events()).isEqualTo(5);
    assertThat(report.deadLetters()).isEqualTo(1);
  }

  @Test
  void historyThatIsGoneIsNamed() throws Exception {
    fill();
    log.forget(Topics.ERRORS, 1);

    assertThatThrownBy(() -> export(Set.of(one.run()), false))
        .isInstanceOf(PositionException.class)
        .hasMessageContainingAll("runledger.errors", "none was written");
    assertThat(export(Set.of(one.run()), true).gaps())
        .singleElement()
        .asString()
        .contains("the records between were deleted");
  }
}
