package io.runledger.query.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.runledger.config.Printable;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Field.Kind;
import io.runledger.query.filter.NamedField;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.Moment;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Several;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Values of fields, for people and for programs. */
public final class ValueCells {

  private final Times times;

  public ValueCells(Times times) {
    this.times = times;
  }

  /** A column of a table for the values of a field. */
  public static void addColumn(TextTable table, NamedField column) {
    Field field = column.field();
    switch (field.kind()) {
      case NUMBER, DURATION -> table.numbers(column.word());
      case INSTANT, TRUTH -> table.words(column.word());
      default -> {
        if (field == Field.Attribute.STATUS) {
          table.statuses(column.word());
        } else if (field == Field.Attribute.ID) {
          table.words(column.word());
        } else {
          table.names(column.word());
        }
      }
    }
  }

  /** For people: six digits that count, a duration as 3m20s, and a dash where there is nothing. */
  public String text(Field field, Optional<Value> value) {
    if (value.isEmpty()) {
      return "-";
    }
    Value some = value.get();
    if (field.kind() == Kind.DURATION && some instanceof Whole seconds) {
      return Numbers.between(
          Optional.of(Instant.EPOCH), Optional.of(Instant.EPOCH.plusSeconds(seconds.number())));
    }
    if (some instanceof Real real) {
      return Numbers.sixDigits(real.number());
    }
    if (some instanceof Several several) {
      return Printable.line(String.join(", ", several.texts()));
    }
    return some instanceof Text text ? Printable.name(text.text()) : Printable.line(exact(some));
  }

  /** For programs: numbers with all their digits, durations in seconds. */
  public JsonNode json(Optional<Value> value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (value.isEmpty()) {
      return nodes.nullNode();
    }
    Value some = value.get();
    if (some instanceof Whole whole) {
      return nodes.numberNode(whole.number());
    }
    if (some instanceof Real real) {
      return nodes.numberNode(real.number());
    }
    if (some instanceof NotANumber) {
      return nodes.numberNode(Double.NaN);
    }
    if (some instanceof Truth truth) {
      return nodes.booleanNode(truth.truth());
    }
    if (some instanceof Value.Json json) {
      return Json.parsed(json.json());
    }
    return some instanceof Several several ? array(several.texts()) : nodes.textNode(exact(some));
  }

  private static ArrayNode array(List<String> texts) {
    ArrayNode array = Json.array();
    texts.forEach(array::add);
    return array;
  }

  /** A cell, which is empty where there is nothing; lists and objects are JSON. */
  public void csv(CsvOutput csv, Optional<Value> value) {
    csv.text(value.map(this::exact));
  }

  private String exact(Value value) {
    if (value instanceof Text text) {
      return text.text();
    }
    if (value instanceof Whole whole) {
      return Long.toString(whole.number());
    }
    if (value instanceof Real real) {
      return Double.toString(real.number());
    }
    if (value instanceof Truth truth) {
      return Boolean.toString(truth.truth());
    }
    if (value instanceof Moment moment) {
      return times.text(moment.instant());
    }
    if (value instanceof Several several) {
      return array(several.texts()).toString();
    }
    return value instanceof Value.Json json ? json.json() : Double.toString(Double.NaN);
  }
}
