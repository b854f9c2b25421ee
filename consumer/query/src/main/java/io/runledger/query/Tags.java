package io.runledger.query;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads the tags of a run, a JSON array of texts. */
final class Tags {

  /** Made when first needed: loading Jackson takes a read verb longer than its work. */
  private static final class Reader {
    private static final ObjectMapper JSON = new ObjectMapper();
  }

  private Tags() {}

  static List<String> of(String json) throws SQLException {
    if (json.equals("[]")) {
      return List.of();
    }
    try {
      List<String> tags = new ArrayList<>();
      Reader.JSON.readTree(json).forEach(tag -> tags.add(tag.asText()));
      return List.copyOf(tags);
    } catch (IOException e) {
      throw new SQLException("The tags of a run are no JSON array: " + Printable.line(json), e);
    }
  }
}
