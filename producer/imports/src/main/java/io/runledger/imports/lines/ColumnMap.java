package io.runledger.imports.lines;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the columns of a table mean: {@code step=iteration,run=trial,ignore=host}. A column that is
 * not mapped is what its name says, else a metric.
 *
 * @param columns the column for each meaning that was given
 * @param configuration columns whose value in the first row of a run is configuration; the name of
 *     a nested object stands for all that is in it
 * @param ignored columns that are not imported; as above
 */
public record ColumnMap(
    Map<Meaning, String> columns, List<String> configuration, List<String> ignored) {

  /** What a column may mean, once. */
  public enum Meaning {
    /** The step of the row. */
    STEP,
    /** Its epoch. */
    EPOCH,
    /** Its time: seconds since 1970, or ISO 8601. */
    TIME,
    /** Seconds since the run began. */
    ELAPSED,
    /** The run that it belongs to; without it a file is a run. */
    RUN,
    /** The name of the metric, in a table with a row a value. */
    METRIC,
    /** Its value, next to the name. */
    VALUE,
    /** The status of the run; the last one counts. */
    STATUS;

    /** The names that columns of this meaning usually have. */
    private List<String> usual() {
      return switch (this) {
        case STEP -> List.of("step", "global_step", "_step", "iteration");
        case EPOCH -> List.of("epoch");
        case TIME -> List.of("time", "timestamp", "_timestamp", "wall_time", "at");
        case ELAPSED -> List.of("elapsed_seconds", "elapsed");
        case RUN -> List.of("run", "run_name", "run_id");
        case METRIC -> List.of("metric", "metric_name");
        case VALUE -> List.of("value");
        case STATUS -> List.of("status");
      };
    }

    /** What is written in a mapping. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String CONFIGURATION = "config";
  private static final String IGNORED = "ignore";

  /** A mapping that says nothing: each column is what its name says. */
  public static final ColumnMap USUAL = new ColumnMap(Map.of(), List.of(), List.of());

  /**
   * Reads a mapping.
   *
   * @throws IllegalArgumentException when it is not one; its message is a sentence
   */
  public static ColumnMap parse(String text) {
    Map<Meaning, String> columns = new HashMap<>();
    List<String> configuration = new ArrayList<>();
    List<String> ignored = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String word = equals < 0 ? part : part.substring(0, equals).strip();
      String column = equals < 0 ? "" : part.substring(equals + 1).strip();
      if (column.isEmpty()) {
        throw new IllegalArgumentException(
            "'%s' does not say which column; write MEANING=COLUMN, such as step=iteration."
                .formatted(part));
      }
      if (word.equals(CONFIGURATION)) {
        configuration.add(column);
      } else if (word.equals(IGNORED)) {
        ignored.add(column);
      } else {
        Meaning meaning =
            Arrays.stream(Meaning.values())
                .filter(each -> each.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(unknown(word)));
        if (columns.put(meaning, column) != null) {
          throw new IllegalArgumentException("'%s' is mapped twice.".formatted(word));
        }
      }
    }
    return new ColumnMap(Map.copyOf(columns), List.copyOf(configuration), List.copyOf(ignored));
  }

  private static String unknown(String word) {
    return "'%s' is not something that a column can mean: those are %s, %s and %s."
        .formatted(
            word,
            String.join(", ", Arrays.stream(Meaning.values()).map(Meaning::word).toList()),
            CONFIGURATION,
            IGNORED);
  }

  /** The column with a meaning among those that are there. */
  public Optional<String> columnOf(Meaning meaning, List<String> there) {
    if (columns.containsKey(meaning)) {
      return Optional.of(columns.get(meaning)).filter(there::contains);
    }
    return meaning.usual().stream()
        .filter(there::contains)
        .filter(name -> !columns.containsValue(name) && !isOther(name))
        .findFirst();
  }

  private boolean isOther(String column) {
    return configuration.contains(column) || ignored.contains(column);
  }

  /**
   * The map for a table that has these columns: in place of a nested object, of which there is no
   * column, stands all that is in it.
   */
  public ColumnMap within(Collection<String> there) {
    return configuration.isEmpty() && ignored.isEmpty()
        ? this
        : new ColumnMap(columns, expanded(configuration, there), expanded(ignored, there));
  }

  private static List<String> expanded(List<String> mapped, Collection<String> there) {
    return mapped.stream().flatMap(each -> expanded(each, there)).toList();
  }

  private static Stream<String> expanded(String mapped, Collection<String> there) {
    return there.contains(mapped)
        ? Stream.of(mapped)
        : there.stream().filter(column -> column.startsWith(mapped + "."));
  }

  /** The columns that are mapped and are not among those that are there, in their order. */
  public Set<String> missing(Collection<String> there) {
    Set<String> missing = new TreeSet<>(columns.values());
    missing.removeAll(there);
    Stream.of(configuration, ignored)
        .flatMap(List::stream)
        .filter(mapped -> expanded(mapped, there).findAny().isEmpty())
        .forEach(missing::add);
    return missing;
  }

  /** What the map is, whatever the order of its parts; empty when it says nothing. */
  public String identity() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(columns)
        .forEach((meaning, column) -> text.append('\n').append(meaning.word() + "=" + column));
    configuration.stream()
        .sorted()
        .forEach(column -> text.append('\n').append(CONFIGURATION + "=" + column));
    ignored.stream().sorted().forEach(column -> text.append('\n').append(IGNORED + "=" + column));
    return text.toString();
  }
}
