package io.runledger.web.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Field.PathPart;
import io.runledger.query.filter.Filter;
import io.runledger.query.filter.Operator;
import io.runledger.query.filter.Value;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.schemas.ProjectNumber;
import io.runledger.web.door.Accepted.AcceptedRun;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Whether runs pass tests of MLflow's filter language. What the database can say of a test it says
 * first, so that few runs are looked at; each is tested here as well, exactly.
 */
final class RunTest {

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,15}(?:[.][0-9]{1,17})?");

  /** The beginning of what is neither a number nor the JSON of a list. */
  private static final Pattern WORD = Pattern.compile("[A-Za-z]");

  private RunTest() {}

  /** What the database may leave out: no run that passes the test is missing. */
  static Filter narrowed(SearchClause clause) {
    return switch (clause.kind()) {
      case METRIC -> metric(clause);
      case PARAMETER -> clause.operator().equals("=") ? parameter(clause) : Filter.EVERY_RUN;
      case TAG -> clause.operator().equals("=") ? tag(clause) : Filter.EVERY_RUN;
      case ATTRIBUTE ->
          clause.operator().equals("=") && isName(clause.name())
              ? equal(Attribute.NAME, clause.value())
              : Filter.EVERY_RUN;
      case DATASET -> Filter.EVERY_RUN;
    };
  }

  /**
   * The database knows the value that was logged last, but the one of the highest step, which is
   * tested, is between the least and the greatest.
   */
  private static Filter metric(SearchClause clause) {
    String operator = clause.operator();
    MetricValue least = new MetricValue(clause.name(), Aggregate.MIN);
    MetricValue greatest = new MetricValue(clause.name(), Aggregate.MAX);
    boolean isBounded =
        !operator.startsWith("IS")
            && !operator.equals("!=")
            && Double.isFinite(Double.parseDouble(clause.value()));
    if (!isBounded) {
      Filter isMissing = new Filter.Missing(new MetricValue(clause.name(), Aggregate.LAST));
      return operator.equals("IS NULL") ? isMissing : new Filter.Not(isMissing);
    }
    Value.Real value = new Value.Real(Double.parseDouble(clause.value()));
    return switch (operator) {
      case "<" -> new Filter.Compared(least, Operator.LESS, value);
      case "<=" -> new Filter.Compared(least, Operator.AT_MOST, value);
      case ">" -> new Filter.Compared(greatest, Operator.GREATER, value);
      case ">=" -> new Filter.Compared(greatest, Operator.AT_LEAST, value);
      default ->
          new Filter.And(
              List.of(
                  new Filter.Compared(least, Operator.AT_MOST, value),
                  new Filter.Compared(greatest, Operator.AT_LEAST, value)));
    };
  }

  private static Filter parameter(SearchClause clause) {
    String value = clause.value();
    ConfigValue field = new ConfigValue(List.of(new PathPart(clause.name(), true)));
    Filter isText = new Filter.Compared(field, Operator.EQUAL, new Value.Text(value));
    boolean isTruth = value.equals("true") || value.equals("false");
    if (clause.name().contains(".") || isTruth) {
      // It may be in an object of the configuration, or no text there.
      return Filter.EVERY_RUN;
    }
    if (NUMBER.matcher(value).matches()) {
      Value.Real number = new Value.Real(Double.parseDouble(value));
      return new Filter.Or(List.of(isText, new Filter.Compared(field, Operator.EQUAL, number)));
    }
    return WORD.matcher(value).lookingAt() ? isText : Filter.EVERY_RUN;
  }

  private static Filter tag(SearchClause clause) {
    return switch (clause.name()) {
      case LedgerRuns.NAME_TAG -> equal(Attribute.NAME, clause.value());
      case LedgerRuns.NOTE_TAG -> equal(Attribute.NOTES, clause.value());
      default ->
          clause.value().isEmpty()
              ? Filter.EVERY_RUN
              : new Filter.Compared(
                  Fact.TAG, Operator.EQUAL, new Value.Text(clause.name() + "=" + clause.value()));
    };
  }

  private static Filter equal(Attribute attribute, String text) {
    return new Filter.Compared(attribute, Operator.EQUAL, new Value.Text(text));
  }

  private static boolean isName(String attribute) {
    return List.of("run_name", "run name", "Run name", "Run Name", "name").contains(attribute);
  }

  /** Whether a run passes. */
  static boolean passes(
      AcceptedRun run, RunDocuments documents, JsonNode document, SearchClause clause) {
    return switch (clause.kind()) {
      case METRIC -> metric(documents.metrics(run.id()), clause);
      case PARAMETER -> text(Optional.ofNullable(run.parameters().get(clause.name())), clause);
      case TAG ->
          text(
              clause.name().equals(LedgerRuns.NAME_TAG)
                  ? Optional.of(run.name())
                  : Optional.ofNullable(run.tags().get(clause.name())),
              clause);
      case ATTRIBUTE -> attribute(run, clause);
      case DATASET -> dataset(document, clause);
    };
  }

  private static boolean metric(List<MetricPoint> metrics, SearchClause clause) {
    Optional<Double> value =
        metrics.stream()
            .filter(point -> point.metric().equals(clause.name()))
            .map(MetricPoint::value)
            .findFirst();
    return number(value, clause);
  }

  static boolean number(Optional<Double> value, SearchClause clause) {
    if (clause.operator().startsWith("IS")) {
      return value.isPresent() == clause.operator().equals("IS NOT NULL");
    }
    if (value.isEmpty()) {
      return false;
    }
    double its = value.get();
    double other = Double.parseDouble(clause.value());
    return switch (clause.operator()) {
      case "=" -> its == other;
      case "!=" -> its != other;
      case "<" -> its < other;
      case "<=" -> its <= other;
      case ">" -> its > other;
      default -> its >= other;
    };
  }

  /** A value that is not there passes nothing but IS NULL. */
  static boolean text(Optional<String> value, SearchClause clause) {
    if (clause.operator().startsWith("IS")) {
      return value.isPresent() == clause.operator().equals("IS NOT NULL");
    }
    if (value.isEmpty()) {
      return false;
    }
    String its = value.get();
    return switch (clause.operator()) {
      case "=" -> its.equals(clause.value());
      case "!=" -> !its.equals(clause.value());
      case "LIKE" -> like(its, clause.value());
      case "ILIKE" -> like(its.toLowerCase(Locale.ROOT), clause.value().toLowerCase(Locale.ROOT));
      case "IN" -> clause.values().contains(its);
      default -> !clause.values().contains(its);
    };
  }

  /** A percent sign is any text, an underscore any sign; no pattern takes long. */
  private static boolean like(String text, String pattern) {
    int at = 0;
    int in = 0;
    int behindAny = -1;
    int tried = 0;
    while (at < text.length()) {
      if (in < pattern.length() && pattern.charAt(in) == '%') {
        behindAny = ++in;
        tried = at;
      } else if (in < pattern.length()
          && (pattern.charAt(in) == '_' || pattern.charAt(in) == text.charAt(at))) {
        at++;
        in++;
      } else if (behindAny >= 0) {
        in = behindAny;
        at = ++tried;
      } else {
        return false;
      }
    }
    while (in < pattern.length() && pattern.charAt(in) == '%') {
      in++;
    }
    return in == pattern.length();
  }

  private static boolean attribute(AcceptedRun run, SearchClause clause) {
    String name = clause.name();
    if (isName(name)) {
      return text(Optional.of(run.name()), clause);
    }
    return switch (name) {
      case "start_time", "created", "Created" ->
          number(Optional.of((double) run.startMillis()), clause);
      case "end_time" ->
          number(
              run.endMillis().isPresent()
                  ? Optional.of((double) run.endMillis().getAsLong())
                  : Optional.empty(),
              clause);
      case "status" -> text(Optional.of(run.status()), clause);
      case "run_id" -> text(Optional.of(run.id().toString()), clause);
      case "user_id", "user" ->
          text(Optional.ofNullable(run.tags().get(LedgerRuns.USER_TAG)), clause);
      case "artifact_uri" ->
          text(
              Optional.of(
                  "mlflow-artifacts:/%s/%s/artifacts"
                      .formatted(ProjectNumber.of(run.experiment()), run.id())),
              clause);
      default -> throw new IllegalStateException("The parser let pass the attribute " + name);
    };
  }

  private static boolean dataset(JsonNode document, SearchClause clause) {
    for (JsonNode input : document.path("inputs").path("dataset_inputs")) {
      Optional<String> value =
          switch (clause.name()) {
            case "name", "digest" ->
                Optional.of(input.path("dataset").path(clause.name()).asText());
            case "context" -> context(input);
            default ->
                throw new IllegalStateException("The parser let pass data sets' " + clause.name());
          };
      if (text(value, clause)) {
        return true;
      }
    }
    return false;
  }

  private static Optional<String> context(JsonNode input) {
    for (JsonNode tag : input.path("tags")) {
      if (tag.path("key").asText().equals("mlflow.data.context")) {
        return Optional.of(tag.path("value").asText());
      }
    }
    return Optional.empty();
  }
}
