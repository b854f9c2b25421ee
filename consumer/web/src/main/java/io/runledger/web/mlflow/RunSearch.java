package io.runledger.web.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import io.runledger.web.door.Accepted.AcceptedRun;
import io.runledger.web.mlflow.SearchBody.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The runs of experiments that pass a filter, in an order, page by page. */
final class RunSearch {

  /** Runs that are in memory at a time before they are tested. */
  private static final int PAGE = 1_000;

  private static final int MOST_EXPERIMENTS = 500;
  private static final int MOST_RUNS = 50_000;
  private static final int RUNS = 1_000;

  private final Ledger ledger;

  RunSearch(Ledger ledger) {
    this.ledger = ledger;
  }

  /**
   * The answer.
   *
   * @param names names of experiments by their numbers
   */
  ObjectNode answer(SearchBody body, Map<String, String> names) {
    List<SearchClause> clauses = SearchParser.parse(Searched.RUNS, body.text("filter"));
    int most = body.count("max_results", RUNS, MOST_RUNS);
    View view = body.view("run_view_type");
    List<String> projects = projects(body.texts("experiment_ids"), names);
    Order order = order(SearchOrder.parse(body.texts("order_by")));
    String token = body.text("page_token");
    ObjectNode answer = Json.object();
    if (projects.isEmpty()) {
      return answer;
    }
    List<Filter> all = new ArrayList<>();
    all.add(new Filter.Or(projects.stream().map(RunSearch::ofProject).toList()));
    clauses.stream().map(RunTest::narrowed).forEach(all::add);
    RunFilter filter = RunFilter.all().where(new Filter.And(all)).inOrder(order);
    try (Snapshot snapshot = ledger.snapshot()) {
      return found(
          snapshot, answer, token.isEmpty() ? filter : after(filter, token), view, clauses, most);
    }
  }

  private static List<String> projects(List<String> numbers, Map<String, String> names) {
    if (numbers.size() > MOST_EXPERIMENTS) {
      throw MlflowProblem.invalid(
          "A search may name %d experiments, not %d.".formatted(MOST_EXPERIMENTS, numbers.size()));
    }
    return numbers.stream().map(names::get).filter(Objects::nonNull).toList();
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
      RunCursor place = RunCursor.parse(token);
      if (place.keys().stream().flatMap(Optional::stream).noneMatch(RunSearch::hasZero)) {
        return filter.after(place);
      }
    } catch (IllegalArgumentException e) {
      // The sentence below says what is wrong.
    }
    throw MlflowProblem.invalid("Invalid page token, it is not of an answer in this order.");
  }

  /** No text of a run has one, and not every store can ask for it. */
  private static boolean hasZero(Value key) {
    return key instanceof Value.Text text && text.text().indexOf('\0') >= 0;
  }

  private static Order order(List<SearchOrder> given) {
    List<Order.Part> parts =
        given.stream().map(one -> new Order.Part(field(one), one.isDescending())).toList();
    boolean isNewest =
        parts.equals(List.of(new Order.Part(Attribute.CREATED, true))) || parts.isEmpty();
    return isNewest ? Order.NEWEST_FIRST : new Order(parts);
  }

  private static Field field(SearchOrder order) {
    if (order.isAttribute()) {
      return attribute(order);
    }
    return switch (order.kind()) {
      case "metric", "metrics" -> new MetricValue(order.name(), Aggregate.LAST);
      case "param", "params", "parameter", "parameters" ->
          new ConfigValue(List.of(new PathPart(order.name(), true)));
      case "tag", "tags" -> {
        if (order.name().equals(LedgerRuns.NAME_TAG)) {
          yield Attribute.NAME;
        }
        throw order.refused();
      }
      default -> throw order.refused();
    };
  }

  private static Field attribute(SearchOrder order) {
    return switch (order.name().toLowerCase(Locale.ROOT)) {
      case "start_time", "created" -> Attribute.CREATED;
      case "end_time" -> Attribute.FINISHED;
      case "status" -> Attribute.STATUS;
      case "run_name", "run name" -> Attribute.NAME;
      case "run_id" -> Attribute.ID;
      case "user_id", "user" -> Fact.USER;
      default -> throw order.refused();
    };
  }

  /** A run at its place in the order. */
  private record Placed(RunCursor place, Run run, boolean isDeleted) {}

  private static List<Placed> page(LedgerReader reader, RunFilter filter, View view) {
    List<Placed> page = new ArrayList<>();
    if (view == View.ACTIVE_ONLY) {
      reader.placedRuns(filter).forEach((place, run) -> page.add(new Placed(place, run, false)));
      return page;
    }
    List<RunCursor> places = reader.placesWithDeleted(filter, view == View.DELETED_ONLY);
    List<RunId> ids = places.stream().map(RunCursor::run).toList();
    Map<RunId, Run> deleted = reader.deletedRuns(ids);
    Map<RunId, Run> shown = view == View.ALL ? reader.shownRuns(ids) : Map.of();
    for (RunCursor place : places) {
      boolean isDeleted = deleted.containsKey(place.run());
      Run run = isDeleted ? deleted.get(place.run()) : shown.get(place.run());
      page.add(new Placed(place, run, isDeleted));
    }
    return page;
  }

  private static ObjectNode found(
      LedgerReader reader,
      ObjectNode answer,
      RunFilter filter,
      View view,
      List<SearchClause> clauses,
      int most) {
    ArrayNode runs = Json.array();
    RunFilter page = filter;
    Optional<RunCursor> last = Optional.empty();
    boolean isEnd = false;
    while (runs.size() < most && !isEnd) {
      // What is tested here as well may leave out runs, of which it is not known how many.
      int wanted = clauses.isEmpty() ? Math.min(PAGE, most - runs.size()) : PAGE;
      List<Placed> placed = page(reader, page.limited(wanted), view);
      isEnd = placed.size() < wanted;
      List<RunId> ids = placed.stream().map(one -> one.run().id()).toList();
      Map<RunId, Instant> ends = reader.ends(ids);
      RunDocuments documents = RunDocuments.of(reader, ids);
      int looked = 0;
      for (Placed each : placed) {
        add(runs, each, ends, documents, clauses);
        last = Optional.of(each.place());
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
      Placed placed,
      Map<RunId, Instant> ends,
      RunDocuments documents,
      List<SearchClause> clauses) {
    Run run = placed.run();
    AcceptedRun its =
        LedgerRuns.of(run, 0, Optional.ofNullable(ends.get(run.id())), placed.isDeleted());
    ObjectNode document = documents.run(its);
    if (clauses.stream().allMatch(clause -> RunTest.passes(its, documents, document, clause))) {
      runs.add(document);
    }
  }
}
