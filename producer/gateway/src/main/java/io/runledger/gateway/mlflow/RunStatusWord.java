package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Printable;
import java.util.Locale;

/** MLflow's five words for how a run is, and ours. */
final class RunStatusWord {

  /** Our reason for a run that failed because somebody ended it. */
  private static final String KILLED = "KILLED";

  private RunStatusWord() {}

  /** Puts into a line what MLflow's word says. */
  static void put(ObjectNode line, String word) throws MlflowException {
    switch (word.toUpperCase(Locale.ROOT)) {
      case "RUNNING" -> line.put("status", "running");
      case "SCHEDULED" -> line.put("status", "pending");
      case "FINISHED" -> line.put("status", "completed");
      case "FAILED" -> line.put("status", "failed");
      case KILLED -> line.put("status", "failed").put("reason", KILLED);
      default ->
          throw MlflowException.invalid(
              "The status of a run is RUNNING, SCHEDULED, FINISHED, FAILED or KILLED, not '%s'."
                  .formatted(Printable.word(word)));
    }
  }

  static String ofLine(JsonNode line) {
    return switch (line.path("status").asText()) {
      case "running" -> "RUNNING";
      case "pending" -> "SCHEDULED";
      case "completed" -> "FINISHED";
      default -> line.path("reason").asText().equals(KILLED) ? KILLED : "FAILED";
    };
  }

  static boolean isEnd(String word) {
    return word.equals("FINISHED") || word.equals("FAILED") || word.equals(KILLED);
  }
}
