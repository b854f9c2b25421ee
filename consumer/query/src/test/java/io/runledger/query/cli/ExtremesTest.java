package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.contract.Extremes;
import io.runledger.fold.projection.Projection;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import io.runledger.rows.canonical.CanonicalForm.TableComparison;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.sqlite.file.CanonicalDump;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Numbers at their limits, two at a time, in events of every kind: they stop neither the fold nor a
 * read verb, and another order of arrival gives the same rows.
 */
@OnEachStore
class ExtremesTest {

  private static final long SEED = Long.getLong("runledger.fuzz.seed", 20261128L);
  private static final int EVENTS = Integer.getInteger("runledger.fuzz.events", 3_000);

  @TempDir Path directory;
  private final Random random = new Random(SEED);
  private final Extremes extremes = new Extremes(random);

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void numbersAtTheirLimitsStopNeitherTheFoldNorAReader() {
    List<Events> writers = writers();
    Events innocent = Events.ofSeed(99);
    List<SpecificRecord> events = new ArrayList<>();
    events.add(innocent.started());
    events.add(innocent.metric("loss", 1, 0.5));
    Set<List<Object>> identities = new HashSet<>();
    for (int i = 0; i < EVENTS; i++) {
      SpecificRecord event = extremes.event(writers.get(random.nextInt(writers.size())));
      extremes.changeNumbers(event, 2);
      if (Collections.disjoint(identities, identities(event))) {
        identities.addAll(identities(event));
        events.add(event);
      }
    }
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      deliver(laboratory.projection(), events);

      if (!laboratory.isPostgres()) {
        sameInAnotherOrder(laboratory.database(), events);
      }
      everyVerbAnswers(laboratory.location());
    }
  }

  private void sameInAnotherOrder(Path database, List<SpecificRecord> events) {
    Path mirrored = directory.resolve("mirrored.db");
    List<SpecificRecord> shuffled = new ArrayList<>(events);
    Collections.shuffle(shuffled, random);
    try (Projection other = Deliveries.claimed(SqliteProjection.open(mirrored))) {
      deliver(other, shuffled);

      assertThat(differencesWithoutPlaces(database, mirrored)).as("seed %d", SEED).isEmpty();
    }
  }

  private static void deliver(Projection projection, List<SpecificRecord> events) {
    for (int from = 0; from < events.size(); from += 100) {
      Deliveries.deliver(projection, events.subList(from, Math.min(events.size(), from + 100)));
    }
  }

  /** Dead letters are named by their offsets, which another order changes. */
  private static List<TableComparison> differencesWithoutPlaces(Path one, Path two) {
    return CanonicalDump.compare(one, two).stream()
        .filter(table -> !table.table().equals("dead_letters"))
        .toList();
  }

  private static void everyVerbAnswers(String database) {
    List<String> ids = new ArrayList<>();
    answers(database, "list", "--limit", "1000", "--json")
        .json()
        .get("runs")
        .forEach(run -> ids.add(run.get("id").asText()));
    assertThat(ids).contains(Events.ofSeed(99).run().toString());
    answers(database, "list", "--limit", "1000");
    answers(database, "errors");
    answers(database, "errors", "--json");
    answers(database, "jobs");
    answers(database, "jobs", "--json");
    answers(database, "best", "loss");
    answers(database, "best", "loss", "--json");
    for (String id : ids) {
      answers(database, "show", id);
      answers(database, "show", id, "--json");
      answers(database, "why", id);
      answers(database, "metrics", id);
      answers(database, "metrics", id, "--json");
      answers(database, "compare", id, Events.ofSeed(99).run().toString());
    }
    answers(database, "sql", "SELECT count(*), max(elapsed_seconds) FROM run_metrics");
    answers(
        database, "sql", "SELECT count(*), max(elapsed_seconds), max(timestamp) FROM raw_metrics");
    answers(database, "sql", "SELECT sum(missing / 1e9) FROM stream_gaps");
  }

  private static Command answers(String database, String... words) {
    Command done = Command.at(database, words);
    assertThat(done.code()).as("%s: %s", String.join(" ", words), done.err()).isZero();
    return done;
  }

  /** Two attempts of each of six runs, two writers each. */
  private static List<Events> writers() {
    List<Events> writers = new ArrayList<>();
    for (long seed = 0; seed < 6; seed++) {
      for (long attempt = 1; attempt <= 2; attempt++) {
        Events first = Events.ofSeed(seed).attempt(attempt);
        writers.add(first);
        writers.add(first.writer(attempt * 100 + 1));
      }
    }
    return writers;
  }

  /** What names an event; of two with the same name, the first to arrive counts. */
  private static List<List<Object>> identities(SpecificRecord event) {
    List<List<Object>> found = new ArrayList<>();
    List<Object> stream = List.of(event.get(0), event.get(1), event.get(2), event.getSchema());
    long first = (long) event.get(3);
    int rows = event.get(4) instanceof List<?> list ? list.size() : 1;
    for (int i = 0; i < rows; i++) {
      found.add(List.of(stream, first + i));
    }
    return found;
  }
}
