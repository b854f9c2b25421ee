package io.runledger.web.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.LedgerReader;
import io.runledger.query.Snapshot;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Field.PathPart;
import io.runledger.query.filter.Filter;
import io.runledger.query.filter.Operator;
import io.runledger.query.filter.Order;
import io.runledger.query.filter.Value;
import io.runledger.query.format.Json;
import io.runledger.query.runs.LocatedRun;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import io.runledger.web.door.Accepted;
import io.runledger.web.door.Accepted.AcceptedRun;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The runs of experiments that pass a filter, in an order, page by page. */
final class RunSearch {

  /** Runs that are in memory at a time before they are tested. */
  private static final int PAGE = 1_000;

  private static final int MOST_EXPERIMENTS = 500;
  private static final int MOST_RUNS = 50_000;
  private static final int RUNS = 1_000;

  private static final Pattern ORDER =
      Pattern.compile("\\s*(.+?)(?:\\s+(asc|desc))?\\s*", Pattern.CASE_INSENSITIVE);

  private final Ledger ledger;
  private final Accepted accepted;

  RunSearch(Ledger ledger, Accepted accepted) {
    this.ledger = ledger;
    this.accepted = accepted;
  }

  /**
   * The answer.
   *
   * @param names names of experiments by their numbers
   */
  ObjectNode answer(JsonNode body, Map<String, String> names) {
    List<SearchClause> clauses = SearchParser.parse(Searched.RUNS, body.path("filter").asText(""));
    int most = most(body.path("max_results"));
    String view = body.path("run_view_type").asText("ACTIVE_ONLY");
    List<String> projects = projects(body.path("experiment_ids"), names);
    ObjectNode answer = Json.object();
    if (projects.isEmpty()) {
      return answer;
    }
    if (view.equals("DELETED_ONLY")) {
      return deleted(answer, clauses, Set.copyOf(projects), most);
    }
    Order order = order(body.path("order_by"));
    List<Filter> all = new ArrayList<>();
    all.add(new Filter.Or(projects.stream().map(RunSearch::ofProject).toList()));
    clauses.stream().map(RunTest::narrowed).forEach(all::add);
    RunFilter filter = RunFilter.all().where(new Filter.And(all)).inOrder(order);
    String token = body.path("page_token").asText("");
    try (Snapshot snapshot = ledger.snapshot()) {
      return found(
          snapshot, answer, token.isEmpty() ? filter : after(filter, token), clauses, most);
    }
  }

  private static int most(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) {
      return RUNS;
    }
    long most = given.asLong(-1);
    if (most < 1 || most > MOST_RUNS) {
      throw MlflowProblem.invalid(
          "Invalid value %s for parameter 'max_results' supplied: it is 1 to %,d."
              .formatted(Printable.word(given.asText()), MOST_RUNS));
    }
    return (int) most;
  }

  private static List<String> projects(JsonNode numbers, Map<String, String> names) {
    if (numbers.size() > MOST_EXPERIMENTS) {
      throw MlflowProblem.invalid(
          "A search may name %d experiments, not %d.".formatted(MOST_EXPERIMENTS, numbers.size()));
    }
    List<String> projects = new ArrayList<>();
    for (JsonNode number : numbers) {
      Optional.ofNullable(names.get(number.asText())).ifPresent(projects::add);
    }
    return projects;
  }

  private static Filter ofProject(String name) {
    Filter hasNone = new Filter.Missing(Attribute.PROJECT);
    Filter isNamed =
        new Filter.Or(
            List.of(
                equal(Attribute.PROJECT, name),
                new Filter.And(List.of(hasNone, equal(Attribute.EXPERIMENT, name)))));
    return name.equals(ProjectNumber.DEFAULT_PROJECT)
        ? new Filter.Or(
            List.of(
                isNamed,
                new Filter.And(List.of(hasNone, new Filter.Missing(Attribute.EXPERIMENT)))))
        : isNamed;
  }

  private static Filter equal(Attribute attribute, String text) {
    return new Filter.Compared(attribute, Operator.EQUAL, new Value.Text(text));
  }

  private static RunFilter after(RunFilter filter, String token) {
    try {
      return filter.after(RunCursor.parse(token));
    } catch (IllegalArgumentException e) {
      throw MlflowProblem.invalid("Invalid page token, it is not of an answer in this order.");
    }
  }

  private static Order order(JsonNode given) {
    List<Order.Part> parts = new ArrayList<>();
    for (JsonNode one : given) {
      Matcher matcher = ORDER.matcher(one.asText());
      if (!matcher.matches()) {
        throw MlflowProblem.invalid("Invalid order_by clause '%s'.".formatted(one.asText()));
      }
      boolean isDescending = "desc".equalsIgnoreCase(matcher.group(2));
      parts.add(new Order.Part(field(matcher.group(1)), isDescending));
    }
    boolean isNewest =
        parts.equals(List.of(new Order.Part(Attribute.CREATED, true))) || parts.isEmpty();
    return isNewest ? Order.NEWEST_FIRST : new Order(parts);
  }

  private static Field field(String text) {
    String[] parts = text.split("\\.", 2);
    boolean isAttribute = parts.length == 1;
    String kind = isAttribute ? "attributes" : parts[0].toLowerCase(Locale.ROOT);
    String name = unquoted(isAttribute ? parts[0] : parts[1]);
    return switch (kind) {
      case "metric", "metrics" -> new MetricValue(name, Aggregate.LAST);
      case "param", "params", "parameter", "parameters" ->
          new ConfigValue(List.of(new PathPart(name, true)));
      case "attr", "attribute", "attributes", "run" -> attribute(name, text);
      case "tag", "tags" -> {
        if (name.equals(LedgerRuns.NAME_TAG)) {
          yield Attribute.NAME;
        }
        throw notInOrder(text);
      }
      default -> throw notInOrder(text);
    };
  }

  private static Field attribute(String name, String text) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "start_time", "created" -> Attribute.CREATED;
      case "end_time" -> Attribute.FINISHED;
      case "status" -> Attribute.STATUS;
      case "run_name", "run name" -> Attribute.NAME;
      case "run_id" -> Attribute.ID;
      case "user_id", "user" -> Fact.USER;
      default -> throw notInOrder(text);
    };
  }

  private static MlflowProblem notInOrder(String text) {
    return MlflowProblem.invalid("Runs are not ordered by '%s'.".formatted(Printable.word(text)));
  }

  private static String unquoted(String name) {
    boolean isQuoted =
        name.length() > 1
            && (name.charAt(0) == '`' || name.charAt(0) == '"')
            && name.charAt(name.length() - 1) == name.charAt(0);
    return isQuoted ? name.substring(1, name.length() - 1) : name;
  }

  private static ObjectNode found(
      LedgerReader reader,
      ObjectNode answer,
      RunFilter filter,
      List<SearchClause> clauses,
      int most) {
    ArrayNode runs = Json.array();
    RunFilter page = filter;
    Optional<RunCursor> last = Optional.empty();
    boolean isEnd = false;
    while (runs.size() < most && !isEnd) {
      // What is tested here as well may leave out runs, of which it is not known how many.
      int wanted = clauses.isEmpty() ? Math.min(PAGE, most - runs.size()) : PAGE;
      Map<RunCursor, Run> placed = reader.placedRuns(page.limited(wanted));
      isEnd = placed.size() < wanted;
      List<RunId> ids = placed.values().stream().map(Run::id).toList();
      Map<RunId, Instant> ends = reader.ends(ids);
      RunDocuments documents = RunDocuments.of(reader, ids);
      int looked = 0;
      for (Map.Entry<RunCursor, Run> each : placed.entrySet()) {
        add(runs, each.getValue(), ends, documents, clauses);
        last = Optional.of(each.getKey());
        looked++;
        if (runs.size() == most) {
          isEnd &= looked == placed.size();
          break;
        }
      }
      if (last.isPresent()) {
        page = filter.after(last.get());
      }
    }
    if (!runs.isEmpty()) {
      answer.set("runs", runs);
    }
    if (!isEnd && last.isPresent()) {
      answer.put("next_page_token", last.get().text());
    }
    return answer;
  }

  private static void add(
      ArrayNode runs,
      Run run,
      Map<RunId, Instant> ends,
      RunDocuments documents,
      List<SearchClause> clauses) {
    AcceptedRun its = LedgerRuns.of(run, 0, Optional.ofNullable(ends.get(run.id())));
    ObjectNode document = documents.run(its);
    if (clauses.stream().allMatch(clause -> RunTest.passes(its, documents, document, clause))) {
      runs.add(document);
    }
  }

  /** Of those the ledger shows little; what the door remembers is shown where it does. */
  private ObjectNode deleted(
      ObjectNode answer, List<SearchClause> clauses, Set<String> projects, int most) {
    ArrayNode runs = Json.array();
    RunDocuments none = RunDocuments.of(ledger, List.of());
    for (LocatedRun one : ledger.locateAll(RunFilter.newest(MOST_RUNS), true)) {
      Optional<AcceptedRun> remembered =
          accepted.run(one.run()).or(() -> LedgerRuns.find(ledger, one.run()));
      if (remembered.isPresent() && projects.contains(remembered.get().experiment())) {
        ObjectNode document = none.run(remembered.get());
        if (runs.size() < most
            && clauses.stream()
                .allMatch(clause -> RunTest.passes(remembered.get(), none, document, clause))) {
          runs.add(document);
        }
      }
    }
    if (!runs.isEmpty()) {
      answer.set("runs", runs);
    }
    return answer;
  }
}
