package io.runledger.query.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.format.Json;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;

/**
 * JSON lines, an object a row, in the forms that {@code --json} has: NaN and infinities are texts,
 * and so are ids, of which JavaScript keeps 53 bits. JSON of jobs is not a text, but nested.
 */
final class JsonCells implements Cells {

  private final PrintWriter out;
  private final List<String> titles;
  private ObjectNode row = Json.object();

  JsonCells(PrintWriter out, List<String> titles) {
    this.out = out;
    this.titles = titles;
  }

  private void add(JsonNode value) {
    row.set(titles.get(row.size()), value);
  }

  @Override
  public void absent() {
    row.putNull(titles.get(row.size()));
  }

  @Override
  public void text(String value) {
    row.put(titles.get(row.size()), value);
  }

  @Override
  public void json(String value) {
    add(Json.parsed(value));
  }

  @Override
  public void integer(long value) {
    String title = titles.get(row.size());
    if (title.equals("run_id") || title.equals("attempt_id")) {
      row.put(title, Long.toString(value));
    } else {
      row.put(title, value);
    }
  }

  @Override
  public void number(double value) {
    add(JsonNodeFactory.instance.numberNode(value));
  }

  @Override
  public void truth(boolean value) {
    row.put(titles.get(row.size()), value);
  }

  @Override
  public void time(Instant value) {
    row.put(titles.get(row.size()), value.toString());
  }

  @Override
  public void endRow() {
    out.write(Json.line(row));
    out.write('\n');
    row = Json.object();
  }

  @Override
  public void close() {
    out.flush();
  }
}
