package io.runledger.query.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;

/**
 * A JSON document that is written while its content is read, in the form that {@link Json} gives a
 * whole one. Holds none of it.
 */
final class JsonStream implements AutoCloseable {

  private final PrintWriter out;
  private final JsonGenerator generator;

  JsonStream(PrintWriter out) {
    this.out = out;
    this.generator = Json.generator(out);
  }

  private interface Step {
    void write() throws IOException;
  }

  /** Begins an object; what {@code head} has comes first in it. */
  JsonStream object(ObjectNode head) {
    return write(
        () -> {
          generator.writeStartObject();
          for (var field : head.properties()) {
            generator.writeFieldName(field.getKey());
            generator.writeTree(field.getValue());
          }
        });
  }

  JsonStream array(String name) {
    return write(() -> generator.writeArrayFieldStart(name));
  }

  JsonStream add(JsonNode element) {
    return write(() -> generator.writeTree(element));
  }

  JsonStream endArray() {
    return write(generator::writeEndArray);
  }

  JsonStream endObject() {
    return write(generator::writeEndObject);
  }

  private JsonStream write(Step step) {
    try {
      step.write();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("The answer cannot be written.", e);
    }
  }

  /** Ends the line; stdout stays open. */
  @Override
  public void close() {
    JsonStream written = write(generator::flush);
    written.out.println();
  }
}
