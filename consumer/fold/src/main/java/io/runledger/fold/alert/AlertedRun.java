package io.runledger.fold.alert;

import io.runledger.fold.alert.RunScope.Part;
import io.runledger.fold.run.RunRow;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.RunKeyParts;
import java.util.EnumMap;
import java.util.Map;

/**
 * What rules and messages need to know of a run.
 *
 * @param isKnown whether its start has come
 * @param parts what it is called; a part that it does not have is not there
 * @param status its status, as a word
 * @param lastAttemptId its newest attempt
 * @param startedMicros start of that attempt, microseconds since 1970; null when it has not come
 */
public record AlertedRun(
    long id,
    boolean isKnown,
    Map<Part, String> parts,
    String status,
    long lastAttemptId,
    Long startedMicros,
    boolean isDeleted) {

  public AlertedRun {
    parts = Map.copyOf(parts);
  }

  /** As its row says. */
  public static AlertedRun of(RunRow row) {
    Map<Part, String> parts = new EnumMap<>(Part.class);
    put(parts, Part.PROJECT, row.project());
    put(parts, Part.NAME, row.name());
    row.key().map(RunKey::parts).ifPresent(key -> putKey(parts, key));
    return new AlertedRun(
        row.id(),
        !row.identity().equals("unknown"),
        parts,
        row.verdict().status().word(),
        row.lastAttemptId(),
        row.startedMicros(),
        row.deleted());
  }

  private static void putKey(Map<Part, String> parts, RunKeyParts key) {
    put(parts, Part.EXPERIMENT, key.getExperiment());
    put(parts, Part.DATASET, key.getDataset());
    put(parts, Part.METHOD, key.getMethod());
    put(parts, Part.SUBJECT, key.getSubject());
    put(parts, Part.CL_INFO, key.getClInfo());
    put(parts, Part.SEED, key.getSeed() == null ? null : key.getSeed().toString());
  }

  private static void put(Map<Part, String> parts, Part part, String value) {
    if (value != null) {
      parts.put(part, value);
    }
  }
}
