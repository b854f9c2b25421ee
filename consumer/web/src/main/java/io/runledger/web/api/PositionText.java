package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.format.Json;
import io.runledger.query.series.SeriesPosition;
import io.runledger.schemas.RunId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** How much of a curve a client has, as the client carries it from one request to the next. */
final class PositionText {

  private static final int NUMBERS = 5;

  private PositionText() {}

  static String of(SeriesPosition position) {
    JsonNode json =
        Json.array()
            .add(position.run().toString())
            .add(position.metric())
            .add(position.before())
            .add(position.attemptId())
            .add(position.writerId())
            .add(position.count())
            .add(position.lastSeq());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(json));
  }

  /**
   * Reads what {@link #of} wrote.
   *
   * @throws BadRequestException when it did not write this
   */
  static SeriesPosition read(String text) {
    try {
      JsonNode json =
          Json.parsed(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
      if (json.size() == NUMBERS + 2) {
        return new SeriesPosition(
            RunId.parse(json.path(0).asText()),
            json.path(1).asText(),
            json.path(2).asLong(),
            json.path(3).asLong(),
            json.path(4).asLong(),
            json.path(5).asLong(),
            json.path(6).asLong());
      }
    } catch (IllegalArgumentException e) {
      // Not in base 64, or the id is none; the sentence below says what to do.
    }
    throw new BadRequestException(
        "The parameter after is not the position of an earlier answer; ask without it.");
  }
}
