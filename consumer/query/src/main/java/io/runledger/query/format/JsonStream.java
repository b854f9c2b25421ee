package io.runledger.query.format;

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
public final class JsonStream implements AutoCloseable {

  private final PrintWriter out;
  private final JsonGenerator generator;

  public JsonStream(PrintWriter out) {
    this.out = out;
    this.generator = Json.generator(out);
  }

  private interface Step {
    void write() throws IOException;
  }

  /** Begins an object; what {@code head} has comes first in it. */
  public JsonStream object(ObjectNode head) {
    return write(
        () -> {
          generator.writeStartObject();
          for (var field : head.properties()) {
            generator.writeFieldName(field.getKey());
            generator.writeTree(field.getValue());
          }
        });
  }

  public JsonStream array(String name) {
    return write(() -> generator.writeArrayFieldStart(name));
  }

  public JsonStream add(JsonNode element) {
    return write(() -> generator.writeTree(element));
  }

  public JsonStream endArray() {
    return write(generator::writeEndArray);
  }

  public JsonStream endObject() {
    return write(generator::writeEndObject);
  }

  private JsonStream write(Step step) {
    try {
      step.write();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("The output cannot be written.", e);
    }
  }

  /** Ends the line; stdout stays open. */
  @Override
  public void close() {
    JsonStream written = write(generator::flush);
    written.out.println();
  }
}
