package io.runledger.query.format;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.filter.NamedField;
import io.runledger.query.filter.Value;
import io.runledger.query.groups.GroupCurve;
import io.runledger.query.groups.RunGroup;
import io.runledger.query.groups.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Groups of runs, for people and for programs. */
public final class GroupCells {

  private static final List<String> TITLES =
      List.of(
          "runs",
          "failed",
          "n",
          "mean",
          "std",
          "low",
          "high",
          "median",
          "min",
          "max",
          "without",
          "nan",
          "infinite");

  private final List<NamedField> by;
  private final ValueCells values;

  /**
   * @param by the fields that the groups' keys are values of
   */
  public GroupCells(List<NamedField> by, Times times) {
    this.by = List.copyOf(by);
    this.values = new ValueCells(times);
  }

  /** A table for {@link #texts}. */
  public TextTable table() {
    TextTable table = new TextTable();
    by.forEach(field -> ValueCells.addColumn(table, field));
    return table
        .numbers("RUNS")
        .numbers("FAILED")
        .numbers("N")
        .numbers("MEAN")
        .numbers("STD")
        .words("95% INTERVAL")
        .spare(4)
        .numbers("MEDIAN")
        .spare(3)
        .numbers("MIN")
        .spare(2)
        .numbers("MAX")
        .spare(1)
        .texts("REMARKS")
        .spare(5);
  }

  public List<String> texts(RunGroup group) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < by.size(); i++) {
      texts.add(keyText(i, group.key().get(i)));
    }
    Statistics numbers = group.statistics();
    texts.add(Long.toString(group.runs()));
    texts.add(Long.toString(group.failed()));
    texts.add(Long.toString(numbers.n()));
    texts.add(digits(numbers.mean()));
    texts.add(digits(numbers.std()));
    texts.add(
        numbers.low().isPresent() ? digits(numbers.low()) + " to " + digits(numbers.high()) : "-");
    texts.add(digits(numbers.median()));
    texts.add(digits(numbers.min()));
    texts.add(digits(numbers.max()));
    texts.add(remarks(group));
    return texts;
  }

  private String keyText(int field, Optional<Value> value) {
    return values.text(by.get(field).field(), value);
  }

  private static String digits(OptionalDouble number) {
    return number.isPresent() ? Numbers.sixDigits(number.getAsDouble()) : "-";
  }

  /** Why fewer values count than there are runs. */
  private static String remarks(RunGroup group) {
    List<String> remarks = new ArrayList<>();
    if (group.without() > 0) {
      remarks.add(group.without() + " without a value");
    }
    if (group.nan() > 0) {
      remarks.add(group.nan() + " NaN");
    }
    if (group.infinite() > 0) {
      remarks.add(group.infinite() + " infinite");
    }
    return String.join(", ", remarks);
  }

  /** The titles for {@link #csv}. */
  public List<String> titles() {
    List<String> titles = new ArrayList<>(by.stream().map(NamedField::word).toList());
    titles.addAll(TITLES);
    return titles;
  }

  public void csv(CsvOutput csv, RunGroup group) {
    group.key().forEach(value -> values.csv(csv, value));
    Statistics numbers = group.statistics();
    csv.number(group.runs()).number(group.failed()).number(numbers.n());
    csv.number(numbers.mean()).number(numbers.std()).number(numbers.low()).number(numbers.high());
    csv.number(numbers.median()).number(numbers.min()).number(numbers.max());
    csv.number(group.without()).number(group.nan()).number(group.infinite());
  }

  public ObjectNode json(RunGroup group) {
    Statistics numbers = group.statistics();
    ObjectNode json = Json.object();
    json.set("key", key(group.key()));
    return json.put("runs", group.runs())
        .put("failed", group.failed())
        .put("n", numbers.n())
        .put("mean", Json.number(numbers.mean()))
        .put("std", Json.number(numbers.std()))
        .put("low", Json.number(numbers.low()))
        .put("high", Json.number(numbers.high()))
        .put("median", Json.number(numbers.median()))
        .put("min", Json.number(numbers.min()))
        .put("max", Json.number(numbers.max()))
        .put("without", group.without())
        .put("nan", group.nan())
        .put("infinite", group.infinite());
  }

  /**
   * A curve in columns; what is not there is null.
   *
   * @param axis what its x is called
   */
  public ObjectNode json(GroupCurve curve, String axis) {
    ObjectNode json = Json.object();
    json.set("key", key(curve.key()));
    json.put("runs", curve.runs());
    ArrayNode x = json.putArray(axis);
    ArrayNode n = json.putArray("n");
    ArrayNode notFinite = json.putArray("not_finite");
    ArrayNode mean = json.putArray("mean");
    ArrayNode std = json.putArray("std");
    ArrayNode low = json.putArray("low");
    ArrayNode high = json.putArray("high");
    ArrayNode min = json.putArray("min");
    ArrayNode max = json.putArray("max");
    for (GroupCurve.Place place : curve.places()) {
      if (place.x() == Math.rint(place.x()) && Math.abs(place.x()) < 0x1p53) {
        x.add((long) place.x());
      } else {
        x.add(place.x());
      }
      n.add(place.n());
      notFinite.add(place.notFinite());
      add(mean, place.mean());
      add(std, place.std());
      add(low, place.low());
      add(high, place.high());
      add(min, place.min());
      add(max, place.max());
    }
    return json;
  }

  private static void add(ArrayNode array, double number) {
    if (Double.isNaN(number)) {
      array.addNull();
    } else {
      array.add(number);
    }
  }

  private ObjectNode key(List<Optional<Value>> key) {
    ObjectNode json = Json.object();
    for (int i = 0; i < by.size(); i++) {
      json.set(by.get(i).word(), values.json(key.get(i)));
    }
    return json;
  }
}
