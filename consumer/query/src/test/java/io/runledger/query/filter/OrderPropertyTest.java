package io.runledger.query.filter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.OnEachStore;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.NaiveFilter.Facts;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Several;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunRow;
import io.runledger.schemas.RunId;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Orders and columns are what they say, for runs, orders and pages drawn at random. */
@OnEachStore
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OrderPropertyTest {

  private static final int RUNS = 60;
  private static final int ORDERS = 150;

  /** A server plans each statement for some milliseconds. */
  private static final int ORDERS_ON_SERVER = 50;

  private final Random random = new Random(20_261_130);
  private final Map<RunId, Facts> all =
      new TreeMap<>(Comparator.comparingLong(RunId::value).reversed());
  private Laboratory laboratory;
  private Ledger ledger;

  @TempDir private static Path directory;

  @BeforeEachStore
  void open() throws JsonProcessingException {
    all.clear();
    laboratory = Laboratory.empty(directory);
    for (int i = 0; i < RUNS; i++) {
      RandomRuns.deliver(laboratory, random, i, all);
    }
    ledger = laboratory.open();
  }

  private int orders() {
    return laboratory.isPostgres() ? ORDERS_ON_SERVER : ORDERS;
  }

  @AfterEachStore
  void close() {
    ledger.close();
    laboratory.close();
  }

  @Test
  void runsComeInTheOrderThatIsAskedForPageByPage() {
    for (int i = 0; i < orders(); i++) {
      String text = order();
      Order order = Order.parse(text);
      List<RunId> expected =
          all.keySet().stream()
              // Their attempts are the same, and the map has the ties in their order.
              .sorted((a, b) -> compare(all.get(a), all.get(b), order))
              .toList();
      RunFilter whole = RunFilter.all().inOrder(order);

      assertThat(ledger.runs(whole)).extracting(Run::id).as(text).isEqualTo(expected);
      int size = 1 + random.nextInt(25);
      List<RunId> paged = new ArrayList<>();
      RunFilter page = RunFilter.newest(size).inOrder(order);
      List<RunRow> rows = ledger.rows(page, List.of());
      while (!rows.isEmpty()) {
        rows.forEach(row -> paged.add(row.run()));
        RunCursor last = RunCursor.parse(rows.get(rows.size() - 1).cursor().text());
        assertThat(ledger.countRuns(page.after(last))).as(text).isEqualTo(RUNS - paged.size());
        rows = ledger.rows(page.after(last), List.of());
      }
      assertThat(paged).as(text).isEqualTo(expected);
    }
  }

  @Test
  void columnsHaveTheValuesOfTheirFields() {
    for (int i = 0; i < orders(); i++) {
      String text = field();
      Field field = NamedField.list("columns", text).get(0).field();
      List<RunRow> rows = new ArrayList<>();
      ledger.forEachRow(RunFilter.all(), List.of(field), rows::add);

      assertThat(rows).hasSize(RUNS);
      for (RunRow row : rows) {
        Optional<?> expected = expected(field, all.get(row.run()));
        assertThat(row.values().get(0).map(OrderPropertyTest::plain))
            .as(text + " of " + all.get(row.run()))
            .isEqualTo(expected);
      }
    }
  }

  private String order() {
    List<String> parts = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      String field = field();
      parts.add(
          RandomRuns.one(
              random,
              List.of(field, field + " asc", field + " desc", "-" + field, field + " DESC")));
    }
    return String.join(RandomRuns.one(random, List.of(",", " , ")), parts);
  }

  private String field() {
    return switch (random.nextInt(8)) {
      case 0 -> RandomRuns.one(random, List.of("status", "experiment", "dataset", "notes"));
      case 1 -> RandomRuns.one(random, List.of("tag", "host"));
      case 2, 3 -> "config." + RandomRuns.name(random);
      case 4 -> "config." + RandomRuns.name(random) + "." + RandomRuns.name(random);
      case 5 -> "summary." + RandomRuns.name(random);
      default ->
          "metric."
              + RandomRuns.name(random)
              + RandomRuns.one(
                  random, List.of("", ".last", ".min", ".max", ".count", ".nan_count"));
    };
  }

  private static int compare(Facts a, Facts b, Order order) {
    for (Order.Part part : order.parts()) {
      Optional<Object> left = key(part.field(), a);
      Optional<Object> right = key(part.field(), b);
      if (left.isEmpty() != right.isEmpty()) {
        return left.isEmpty() ? 1 : -1;
      }
      int compared = left.isEmpty() ? 0 : compare(left.get(), right.get());
      if (compared != 0) {
        return part.isDescending() ? -compared : compared;
      }
    }
    return 0;
  }

  private static int compare(Object left, Object right) {
    if (left instanceof String a && right instanceof String b) {
      return Arrays.compareUnsigned(
          a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
    if (left instanceof String || right instanceof String) {
      return left instanceof String ? 1 : -1;
    }
    double a = ((Number) left).doubleValue();
    double b = ((Number) right).doubleValue();
    return a == b ? 0 : Double.compare(a, b);
  }

  private static Optional<Object> key(Field field, Facts run) {
    if (field instanceof Fact fact) {
      return run.facts().get(fact).stream().min(OrderPropertyTest::compare).map(text -> text);
    }
    Optional<?> value = NaiveFilter.values(field, run).stream().findFirst();
    if (value.isEmpty() || value.get().equals(Double.NaN)) {
      return Optional.empty();
    }
    Object plain = value.get() instanceof JsonNode node ? NaiveFilter.plain(node) : value.get();
    if (plain instanceof Boolean truth) {
      return Optional.of(truth ? 1 : 0);
    }
    return Optional.of(plain instanceof JsonNode node ? node.toString() : plain);
  }

  private static Optional<?> expected(Field field, Facts run) {
    if (field instanceof Fact fact) {
      List<String> texts =
          run.facts().get(fact).stream().sorted(OrderPropertyTest::compare).toList();
      return Optional.of(texts).filter(some -> !some.isEmpty());
    }
    return NaiveFilter.values(field, run).stream()
        .findFirst()
        .map(value -> value instanceof JsonNode node ? NaiveFilter.plain(node) : value)
        .map(value -> value instanceof JsonNode node ? node.toString() : value)
        .map(value -> value instanceof Number number ? exact(number) : value);
  }

  /** A number by its size alone; infinities and NaN as they are. */
  private static Object exact(Number number) {
    double value = number.doubleValue();
    return Double.isFinite(value) ? new BigDecimal(value).stripTrailingZeros() : value;
  }

  private static Object plain(Value value) {
    if (value instanceof Whole whole) {
      return exact(whole.number());
    }
    if (value instanceof Real real) {
      return exact(real.number());
    }
    if (value instanceof Text text) {
      return text.text();
    }
    if (value instanceof Truth truth) {
      return truth.truth();
    }
    if (value instanceof NotANumber) {
      return Double.NaN;
    }
    return value instanceof Several several ? several.texts() : ((Value.Json) value).json();
  }
}
