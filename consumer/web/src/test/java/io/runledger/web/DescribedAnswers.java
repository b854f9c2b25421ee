package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * Answers held against the schemas of the description, as far as these go; what an answer has and
 * its schema does not name is a finding too.
 */
final class DescribedAnswers {

  private final JsonNode api;

  DescribedAnswers(JsonNode api) {
    this.api = api;
  }

  /** Checks what GET at this path answered. */
  void check(String path, JsonNode answer) {
    JsonNode schema =
        api.path("paths")
            .path(path)
            .path("get")
            .path("responses")
            .path("200")
            .path("content")
            .path("application/json")
            .path("schema");
    assertThat(schema.isObject()).as("the schema of " + path).isTrue();
    check(schema, answer, path);
  }

  private void check(JsonNode given, JsonNode value, String where) {
    JsonNode schema = given.has("$ref") ? named(given.path("$ref").textValue()) : given;
    for (String choice : List.of("anyOf", "oneOf")) {
      if (schema.has(choice)) {
        checkAny(schema.path(choice), value, where);
      }
    }
    if (schema.has("type")) {
      assertThat(types(schema)).as(where + ", which is " + value).contains(type(value));
    }
    if (schema.has("enum") && !value.isNull()) {
      assertThat(schema.path("enum")).as(where).contains(value);
    }
    schema
        .path("required")
        .forEach(name -> assertThat(value.has(name.textValue())).as(where + "." + name).isTrue());
    if (value.isObject() && schema.has("properties")) {
      value
          .properties()
          .forEach(
              member -> {
                String name = member.getKey();
                assertThat(schema.path("properties").has(name)).as(where + "." + name).isTrue();
                check(schema.path("properties").path(name), member.getValue(), where + "." + name);
              });
    }
    if (value.isArray()) {
      value.forEach(element -> check(schema.path("items"), element, where + "[]"));
    }
  }

  private void checkAny(JsonNode choices, JsonNode value, String where) {
    List<String> problems = new ArrayList<>();
    for (JsonNode choice : choices) {
      try {
        check(choice, value, where);
        return;
      } catch (AssertionError e) {
        problems.add(e.getMessage());
      }
    }
    fail(String.join("\n", problems));
  }

  private JsonNode named(String reference) {
    JsonNode schema = api.at(reference.substring(1));
    assertThat(schema.isObject()).as(reference).isTrue();
    return schema;
  }

  private static List<String> types(JsonNode schema) {
    JsonNode type = schema.path("type");
    List<String> types =
        type.isArray()
            ? StreamSupport.stream(type.spliterator(), false).map(JsonNode::textValue).toList()
            : List.of(type.textValue());
    // Each whole number is a number.
    List<String> all = new ArrayList<>(types);
    if (types.contains("number")) {
      all.add("integer");
    }
    return all;
  }

  private static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "object";
      case ARRAY -> "array";
      case STRING -> "string";
      case BOOLEAN -> "boolean";
      case NULL -> "null";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
      default -> value.getNodeType().name();
    };
  }
}
