package io.runledger.query.filter;

import static io.runledger.query.filter.RandomRuns.TEXTS;
import static io.runledger.query.filter.RandomRuns.name;
import static io.runledger.query.filter.RandomRuns.one;
import static io.runledger.query.filter.RandomRuns.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.OnEachStore;
import io.runledger.query.filter.NaiveFilter.Facts;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the statements find is what the filter means, for runs and filters drawn at random. */
@OnEachStore
class FilterPropertyTest {

  private static final int RUNS = 60;
  private static final int FILTERS = 1_500;

  /** A server plans each statement for some milliseconds. */
  private static final int FILTERS_ON_SERVER = 300;

  @TempDir Path directory;

  @Test
  void theStatementFindsTheRunsThatTheFilterMeans() throws JsonProcessingException {
    Random random = new Random(20_261_129);
    Map<RunId, Facts> all = new TreeMap<>((a, b) -> Long.compare(a.value(), b.value()));
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      for (int i = 0; i < RUNS; i++) {
        RandomRuns.deliver(laboratory, random, i, all);
      }
      int asked = laboratory.isPostgres() ? FILTERS_ON_SERVER : FILTERS;
      int refused = 0;
      int some = 0;
      try (Ledger ledger = laboratory.open()) {
        for (int i = 0; i < asked; i++) {
          String text = filter(random, 3);
          Filter filter;
          try {
            filter = Filter.parse(text);
          } catch (FilterSyntaxException e) {
            refused++;
            continue;
          }
          TreeSet<Long> meant = new TreeSet<>();
          all.forEach(
              (run, facts) -> {
                if (NaiveFilter.passes(filter, facts)) {
                  meant.add(run.value());
                }
              });
          some += meant.isEmpty() || meant.size() == RUNS ? 0 : 1;
          // What is asked of an index differs with the number of runs that are wanted.
          for (RunFilter wanted : List.of(RunFilter.all(), RunFilter.newest(RUNS))) {
            List<Run> found = ledger.runs(wanted.where(filter));
            assertThat(found)
                .extracting(run -> run.id().value())
                .as(text)
                .containsExactlyInAnyOrderElementsOf(meant);
          }
          assertThat(ledger.countRuns(RunFilter.newest(1).where(filter)))
              .as(text)
              .isEqualTo(meant.size());
        }
      }
      assertThat(refused).isLessThan(asked / 2);
      assertThat(some).as("filters that tell runs apart").isGreaterThan(asked / 4);
    }
  }

  private static String filter(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 6 : 3)) {
      case 3 -> filter(random, depth - 1) + " and " + filter(random, depth - 1);
      case 4 -> "(" + filter(random, depth - 1) + " or " + filter(random, depth - 1) + ")";
      case 5 -> "not (" + filter(random, depth - 1) + ")";
      default -> test(random);
    };
  }

  private static String test(Random random) {
    String field = field(random);
    return switch (random.nextInt(8)) {
      case 0 -> field + " is null";
      case 1 -> field + " is not null";
      case 2 -> field + " in (" + literal(random) + ", " + literal(random) + ")";
      case 3 -> field + " has " + literal(random);
      case 4 -> field + " ~ " + literal(random);
      default ->
          field
              + one(random, List.of("=", "!=", "<", "<=", ">", ">=", " = ", " !~ "))
              + literal(random);
    };
  }

  private static String field(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> one(random, List.of("status", "experiment", "dataset", "notes"));
      case 1 -> one(random, List.of("tag", "host"));
      case 2, 3 -> "config." + name(random);
      case 4 -> "config." + name(random) + "." + name(random);
      case 5 -> "summary." + name(random);
      default ->
          "metric."
              + name(random)
              + one(random, List.of("", ".last", ".min", ".max", ".count", ".nan_count"));
    };
  }

  private static String literal(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> one(random, List.of("0", "0.5", "1", "7", "-1.5", "nan", "inf", "-inf", "2"));
      case 1 -> one(random, List.of("true", "false", "a", "completed", "running", "e3"));
      default -> quoted(one(random, TEXTS));
    };
  }
}
