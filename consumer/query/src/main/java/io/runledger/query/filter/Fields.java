package io.runledger.query.filter;

import io.runledger.config.Printable;
import io.runledger.query.failure.NearNames;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Field.PathPart;
import io.runledger.query.filter.Field.SummaryValue;
import io.runledger.query.filter.Token.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The fields by the words that people write. */
final class Fields {

  static final String CONFIG = "config";
  static final String METRIC = "metric";
  static final String SUMMARY = "summary";

  /** Nobody's configuration is deeper, and each number in a path doubles the ways to go. */
  private static final int MOST_PARTS = 10;

  private static final Map<String, Field> BY_WORD = byWord();

  private Fields() {}

  private static Map<String, Field> byWord() {
    Map<String, Field> fields = new LinkedHashMap<>();
    for (Attribute attribute : Attribute.values()) {
      attribute.words().forEach(word -> fields.put(word, attribute));
    }
    for (Fact fact : Fact.values()) {
      fields.put(fact.word(), fact);
    }
    return fields;
  }

  /** The words that are whole fields, for completion. */
  static List<String> words() {
    return List.copyOf(BY_WORD.keySet());
  }

  /**
   * The field that a word names.
   *
   * @throws FilterSyntaxException when it names none
   */
  static Field of(Token word, String filter) {
    List<Part> parts = word.parts();
    String prefix = parts.get(0).isQuoted() ? "" : parts.get(0).text().toLowerCase(Locale.ROOT);
    List<Part> rest = parts.subList(1, parts.size());
    if (!rest.isEmpty()
        && rest.stream().allMatch(part -> part.text().isEmpty() && !part.isQuoted())) {
      throw problem("a name is missing behind '" + Printable.word(prefix) + ".'.", word, filter);
    }
    return switch (prefix) {
      case CONFIG -> config(rest, word, filter);
      case METRIC -> metric(rest, word, filter);
      case SUMMARY -> new SummaryValue(joined(named(rest, SUMMARY, "accuracy", word, filter)));
      default ->
          Optional.ofNullable(BY_WORD.get(word.text().toLowerCase(Locale.ROOT)))
              .orElseThrow(() -> unknown(word, filter));
    };
  }

  private static Field config(List<Part> rest, Token word, String filter) {
    List<Part> path = named(rest, CONFIG, "lr", word, filter);
    if (path.size() > MOST_PARTS) {
      throw problem("a path has at most " + MOST_PARTS + " parts.", word, filter);
    }
    return new ConfigValue(
        path.stream().map(part -> new PathPart(part.text(), part.isQuoted())).toList());
  }

  /** The last part is the number that is meant, if it is the word of one and not in quotes. */
  private static Field metric(List<Part> rest, Token word, String filter) {
    List<Part> parts = named(rest, METRIC, "val/loss", word, filter);
    Part last = parts.get(parts.size() - 1);
    Optional<Aggregate> aggregate =
        parts.size() == 1 || last.isQuoted()
            ? Optional.empty()
            : Aggregate.ofWord(last.text().toLowerCase(Locale.ROOT));
    String name = joined(aggregate.isPresent() ? parts.subList(0, parts.size() - 1) : parts);
    return new MetricValue(name, aggregate.orElse(Aggregate.LAST));
  }

  private static List<Part> named(
      List<Part> rest, String prefix, String example, Token word, String filter) {
    if (rest.isEmpty()) {
      throw problem(
          "'" + prefix + "' needs a name, as in " + prefix + "." + example + ".", word, filter);
    }
    return rest;
  }

  private static String joined(List<Part> parts) {
    return String.join(".", parts.stream().map(Part::text).toList());
  }

  private static FilterSyntaxException unknown(Token word, String filter) {
    String name = word.text();
    List<String> near = new ArrayList<>(NearNames.near(name, words()));
    String hint =
        near.isEmpty()
            ? "; values of the configuration are config.NAME, those of metrics metric.NAME."
            : "; did you mean " + NearNames.either(near) + "?";
    return problem(word.quoted() + " is not a field of a run" + hint, word, filter);
  }

  private static FilterSyntaxException problem(String sentence, Token word, String filter) {
    return FilterSyntaxException.at(word, sentence, filter);
  }
}
