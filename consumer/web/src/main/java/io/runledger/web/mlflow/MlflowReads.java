package io.runledger.web.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.ExceptionHandler;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.UnauthorizedResponse;
import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.format.Json;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import io.runledger.web.api.Answers;
import io.runledger.web.api.Problems;
import io.runledger.web.door.Accepted;
import io.runledger.web.door.Accepted.AcceptedRun;
import io.runledger.web.door.Accepted.Experiment;
import io.runledger.web.mlflow.SearchBody.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The calls of MLflow's clients that read. A read waits a little until the ledger has what was
 * accepted before it; where that does not come in time, a run is answered as it was accepted.
 */
public final class MlflowReads {

  private static final List<String> PREFIXES = List.of("/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/");

  /** The end of an address that is refused, whatever it is. */
  public static final String REST = "<rest>";

  /** Where newer clients ask for what is not offered. */
  private static final List<String> NOT_OFFERED =
      List.of(
          "/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/", "/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/");

  /** Also those of artifacts. */
  private static final Pattern CALLS = Pattern.compile("/(?:ajax-)?api/[23][.]0/mlflow");

  private static final int HISTORY = 25_000;
  private static final int EXPERIMENTS = 1_000;
  private static final int MOST_EXPERIMENTS = 50_000;

  /** Of the first experiment of a page. */
  private static final Pattern PLACE = Pattern.compile("[0-9]{1,8}");

  private static final Duration PROJECTS_HOLD = Duration.ofSeconds(2);

  /** Names of projects, and when they were read. */
  private record Projects(List<String> names, long nanos) {}

  private final Ledger ledger;
  private final Accepted accepted;
  private final Function<Context, List<String>> methods;
  private final Arrival arrival;
  private final RunSearch search;
  private final Map<String, String> names = new ConcurrentHashMap<>();
  private volatile Projects projects = new Projects(List.of(), 0);

  /**
   * Reads of a ledger.
   *
   * @param methods which methods are answered at the address of a request
   */
  public MlflowReads(Ledger ledger, Accepted accepted, Function<Context, List<String>> methods) {
    this.methods = methods;
    this.ledger = ledger;
    this.accepted = accepted;
    this.arrival = new Arrival(ledger, accepted);
    this.search = new RunSearch(ledger);
  }

  /** Adds the calls; to be called behind all others, because what no other takes is refused. */
  public void addTo(RoutesConfig routes) {
    for (String prefix : PREFIXES) {
      routes.get(prefix + "experiments/get", this::experiment);
      routes.get(prefix + "experiments/get-by-name", this::experimentByName);
      routes.get(prefix + "experiments/search", this::experiments);
      routes.post(prefix + "experiments/search", this::experiments);
      routes.get(prefix + "runs/get", this::run);
      routes.post(prefix + "runs/search", this::runs);
      routes.get(prefix + "metrics/get-history", this::history);
      // There are none, and a client that looks for some finds that out.
      routes.get(prefix + "registered-models/search", this::nothing);
      routes.get(prefix + "model-versions/search", this::nothing);
    }
    Handler refused = this::refuse;
    for (String prefix : NOT_OFFERED) {
      routes.get(prefix + REST, refused);
      routes.post(prefix + REST, refused);
      routes.put(prefix + REST, refused);
      routes.patch(prefix + REST, refused);
      routes.delete(prefix + REST, refused);
    }
    routes.exception(MlflowProblem.class, MlflowProblem::answer);
    routes.exception(UnauthorizedResponse.class, refusal("UNAUTHENTICATED"));
    routes.exception(ForbiddenResponse.class, refusal("PERMISSION_DENIED"));
  }

  private void refuse(Context context) {
    List<String> offered = methods.apply(context);
    if (offered.isEmpty()) {
      throw MlflowProblem.notOffered(context.path());
    }
    String allowed = String.join(", ", offered);
    context.header("Allow", allowed);
    throw new MlflowProblem(
        HttpStatus.METHOD_NOT_ALLOWED.getCode(),
        "BAD_REQUEST",
        "Only %s is answered at this address.".formatted(allowed));
  }

  /** MLflow's clients call whatever is said otherwise an internal error. */
  private static <E extends HttpResponseException> ExceptionHandler<E> refusal(String code) {
    return (e, context) -> {
      if (CALLS.matcher(context.path()).lookingAt()) {
        new MlflowProblem(e.getStatus(), code, e.getMessage()).answer(context);
      } else {
        Problems.ofAnswer(e, context);
      }
    };
  }

  private void nothing(Context context) {
    Answers.json(context, Json.object());
  }

  private static String needed(Context context, String name) {
    return parameter(context, name).orElseThrow(() -> MlflowProblem.lacking(name));
  }

  private static Optional<String> parameter(Context context, String name) {
    return context.queryParams(name).stream().filter(value -> !value.isEmpty()).findFirst();
  }

  private static RunId runId(Context context) {
    String text =
        parameter(context, "run_id")
            .or(() -> parameter(context, "run_uuid"))
            .orElseThrow(() -> MlflowProblem.lacking("run_id"));
    try {
      return RunId.parse(text);
    } catch (IllegalArgumentException e) {
      throw missingRun(text);
    }
  }

  private static MlflowProblem missingRun(String id) {
    return MlflowProblem.missing("Run with id=%s not found".formatted(Printable.word(id)));
  }

  private void run(Context context) throws InterruptedException {
    RunId id = runId(context);
    boolean isCurrent = arrival.of(id);
    Optional<AcceptedRun> remembered = isCurrent ? Optional.empty() : accepted.run(id);
    AcceptedRun run =
        remembered
            .or(() -> LedgerRuns.find(ledger, id).filter(found -> !found.isDeleted()))
            .or(() -> accepted.run(id))
            .or(() -> LedgerRuns.find(ledger, id))
            .orElseThrow(() -> missingRun(id.toString()));
    RunDocuments documents = RunDocuments.of(ledger, List.of(id));
    Answers.json(context, Json.object().set("run", documents.run(run)));
  }

  private void runs(Context context) throws InterruptedException {
    SearchBody asked = SearchBody.of(context);
    arrival.ofAll();
    Answers.json(context, search.answer(asked, names(asked.texts("experiment_ids"))));
  }

  /**
   * Names of experiments by their numbers, of all there are of some. A number never gets another
   * name; to find one takes a look at all runs, so those that were found are kept.
   */
  private Map<String, String> names(List<String> numbers) {
    for (String number : numbers) {
      if (!names.containsKey(number)) {
        all().forEach((each, experiment) -> names.put(each, experiment.name()));
        break;
      }
    }
    return names;
  }

  /** The points of a metric, in pages that begin behind as many as a token says. */
  private void history(Context context) throws InterruptedException {
    RunId id = runId(context);
    String metric = needed(context, "metric_key");
    int most = number(context, "max_results", HISTORY, 1, HISTORY);
    int from = number(context, "page_token", 0, 0, Integer.MAX_VALUE);
    arrival.of(id);
    ArrayNode points = Json.array();
    boolean[] isMore = {false};
    int[] seen = {0};
    try {
      ledger.forEachPoint(
          id,
          metric,
          point -> {
            if (seen[0] >= from && points.size() < most) {
              points.add(RunDocuments.metric(point));
            } else if (seen[0] >= from) {
              isMore[0] = true;
            }
            seen[0]++;
          });
    } catch (MetricNotFoundException e) {
      Answers.json(context, Json.object());
      return;
    } catch (RunNotFoundException e) {
      if (accepted.run(id).isEmpty()) {
        throw missingRun(id.toString());
      }
    }
    ObjectNode answer = Json.object();
    if (!points.isEmpty()) {
      answer.set("metrics", points);
    }
    if (isMore[0]) {
      answer.put("next_page_token", Integer.toString(from + most));
    }
    Answers.json(context, answer);
  }

  private static int number(Context context, String name, int otherwise, int lowest, int highest) {
    Optional<String> text = parameter(context, name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= lowest && number <= highest) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The sentence below says what it must be.
    }
    throw MlflowProblem.invalid(
        "The parameter '%s' is a whole number from %d to %d, not '%s'."
            .formatted(name, lowest, highest, Printable.word(text.get())));
  }

  /** The experiments by their numbers: those that calls created, then those that runs are in. */
  private Map<String, Experiment> all() {
    Map<String, Experiment> all = new LinkedHashMap<>();
    all.put("0", new Experiment(ProjectNumber.DEFAULT_PROJECT, 0, 0, false, Map.of()));
    accepted.experiments().forEach(one -> all.put(ProjectNumber.of(one.name()), one));
    for (String project : projects()) {
      all.putIfAbsent(ProjectNumber.of(project), new Experiment(project, 0, 0, false, Map.of()));
    }
    return all;
  }

  /** Those of runs alone, which nobody was told are there: they may be some seconds old. */
  private List<String> projects() {
    Projects known = projects;
    if (known.names().isEmpty() || System.nanoTime() - known.nanos() > PROJECTS_HOLD.toNanos()) {
      known = new Projects(LedgerRuns.projects(ledger), System.nanoTime());
      projects = known;
    }
    return known.names();
  }

  private void experiment(Context context) {
    String number = needed(context, "experiment_id");
    Experiment found = all().get(number);
    if (found == null) {
      throw MlflowProblem.missing(
          "No Experiment with id=%s exists".formatted(Printable.word(number)));
    }
    Answers.json(context, Json.object().set("experiment", document(found)));
  }

  private void experimentByName(Context context) {
    String name = needed(context, "experiment_name");
    Experiment found = all().get(ProjectNumber.of(name));
    if (found == null || !found.name().equals(name)) {
      throw MlflowProblem.missing(
          "Could not find experiment with name '%s'".formatted(Printable.word(name)));
    }
    Answers.json(context, Json.object().set("experiment", document(found)));
  }

  private static ObjectNode document(Experiment experiment) {
    String number = ProjectNumber.of(experiment.name());
    ObjectNode document =
        Json.object()
            .put("experiment_id", number)
            .put("name", experiment.name())
            .put("artifact_location", "mlflow-artifacts:/" + number)
            .put("lifecycle_stage", experiment.isDeleted() ? "deleted" : "active")
            .put("last_update_time", experiment.updatedMillis())
            .put("creation_time", experiment.createdMillis());
    if (!experiment.tags().isEmpty()) {
      ArrayNode tags = document.putArray("tags");
      experiment.tags().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(tag -> tags.addObject().put("key", tag.getKey()).put("value", tag.getValue()));
    }
    return document;
  }

  private void experiments(Context context) {
    SearchBody asked = asked(context);
    View view = asked.view("view_type");
    List<SearchClause> clauses = SearchParser.parse(Searched.EXPERIMENTS, asked.text("filter"));
    int most = asked.count("max_results", EXPERIMENTS, MOST_EXPERIMENTS);
    Comparator<Experiment> order = order(SearchOrder.parse(asked.texts("order_by")));
    int from = from(asked.text("page_token"));
    List<Experiment> found = new ArrayList<>();
    for (Experiment one : all().values()) {
      boolean isInView = view == View.ALL || one.isDeleted() == (view == View.DELETED_ONLY);
      if (isInView && clauses.stream().allMatch(clause -> passes(one, clause))) {
        found.add(one);
      }
    }
    found.sort(order);
    ObjectNode answer = Json.object();
    List<Experiment> page = found.stream().skip(from).limit(most).toList();
    if (!page.isEmpty()) {
      ArrayNode array = answer.putArray("experiments");
      page.forEach(one -> array.add(document(one)));
    }
    if (found.size() > from + most) {
      answer.put("next_page_token", Integer.toString(from + most));
    }
    Answers.json(context, answer);
  }

  private static int from(String token) {
    if (token.isEmpty()) {
      return 0;
    }
    if (!PLACE.matcher(token).matches()) {
      throw MlflowProblem.invalid(
          "Invalid page token '%s': it is not of an answer here.".formatted(Printable.word(token)));
    }
    return Integer.parseInt(token);
  }

  /** The newest first, unless something else is asked for; equal ones by their numbers. */
  private static Comparator<Experiment> order(List<SearchOrder> asked) {
    Comparator<Experiment> byNumber =
        Comparator.comparingLong(one -> Long.parseLong(ProjectNumber.of(one.name())));
    Comparator<Experiment> all = Comparator.comparingInt(each -> 0);
    for (SearchOrder part : asked) {
      Comparator<Experiment> by =
          switch (part.isAttribute() ? part.name() : "") {
            case "name" -> Comparator.comparing(Experiment::name);
            case "experiment_id" -> byNumber;
            case "creation_time" -> Comparator.comparingLong(Experiment::createdMillis);
            case "last_update_time" -> Comparator.comparingLong(Experiment::updatedMillis);
            default -> throw part.refused();
          };
      all = all.thenComparing(part.isDescending() ? by.reversed() : by);
    }
    return asked.isEmpty()
        ? Comparator.comparingLong(Experiment::createdMillis).reversed()
        : all.thenComparing(byNumber);
  }

  /** The body, or of a GET the parameters. */
  private static SearchBody asked(Context context) {
    if (context.method().name().equals("POST")) {
      return SearchBody.of(context);
    }
    ObjectNode asked = Json.object();
    context
        .queryParamMap()
        .forEach(
            (name, values) -> {
              if (name.equals("order_by")) {
                values.forEach(asked.withArray(name)::add);
              } else {
                asked.put(name, values.get(0));
              }
            });
    return new SearchBody(asked);
  }

  private static boolean passes(Experiment experiment, SearchClause clause) {
    if (clause.kind() == SearchClause.Kind.TAG) {
      return RunTest.text(Optional.ofNullable(experiment.tags().get(clause.name())), clause);
    }
    return switch (clause.name()) {
      case "name" -> RunTest.text(Optional.of(experiment.name()), clause);
      case "experiment_id" ->
          RunTest.text(Optional.of(ProjectNumber.of(experiment.name())), clause);
      case "creation_time" ->
          RunTest.number(Optional.of((double) experiment.createdMillis()), clause);
      case "last_update_time" ->
          RunTest.number(Optional.of((double) experiment.updatedMillis()), clause);
      default ->
          throw new IllegalStateException("The parser let pass the attribute " + clause.name());
    };
  }
}
