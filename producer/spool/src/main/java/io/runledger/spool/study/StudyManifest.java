package io.runledger.spool.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a study holds, as its {@code manifest.json} says.
 *
 * @param created when it was written
 * @param entries its files, the manifest left out
 * @param runs how many events each run has
 * @param gaps history that the log had lost when it was written, a sentence each
 */
public record StudyManifest(
    Instant created, List<StudyEntry> entries, SortedMap<RunId, Long> runs, List<String> gaps) {

  static final String NAME = "manifest.json";
  static final String FORMAT = "runledger-study";
  static final int VERSION = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the lists. */
  public StudyManifest {
    entries = List.copyOf(entries);
    runs = new TreeMap<>(runs);
    gaps = List.copyOf(gaps);
  }

  /** Events of all runs. */
  public long events() {
    return runs.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Log calls of all runs. */
  public long logCalls() {
    return entries.stream()
        .filter(entry -> entry.topic().equals(Optional.of(Topics.METRICS)))
        .mapToLong(StudyEntry::events)
        .sum();
  }

  byte[] toJson() throws IOException {
    ObjectNode root =
        JSON.createObjectNode()
            .put("format", FORMAT)
            .put("version", VERSION)
            .put("created", created.toString())
            .put("events", events());
    ArrayNode files = root.putArray("files");
    for (StudyEntry entry : entries) {
      ObjectNode file =
          files
              .addObject()
              .put("name", entry.name())
              .put("bytes", entry.bytes())
              .put("sha256", entry.sha256());
      entry
          .topic()
          .ifPresent(topic -> file.put("topic", topic.streamName()).put("events", entry.events()));
    }
    ArrayNode each = root.putArray("runs");
    runs.forEach(
        (run, events) -> each.addObject().put("run_id", run.toString()).put("events", events));
    ArrayNode sentences = root.putArray("gaps");
    gaps.forEach(sentences::add);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException when it is not one of this version; the message says why, as
   *     the end of a sentence
   */
  static StudyManifest of(byte[] json) {
    JsonNode root = tree(json);
    if (!root.path("format").asText().equals(FORMAT)) {
      throw new IllegalArgumentException("its manifest is not that of a study.");
    }
    if (root.path("version").asInt() != VERSION) {
      throw new IllegalArgumentException(
          "its version is %s, and this is a Runledger that knows version %d; import it with a newer one."
              .formatted(root.path("version"), VERSION));
    }
    List<StudyEntry> entries = new ArrayList<>();
    for (JsonNode file : array(root, "files")) {
      entries.add(
          new StudyEntry(
              text(file, "name"),
              count(file, "bytes"),
              text(file, "sha256"),
              file.has("topic") ? Optional.of(topic(text(file, "topic"))) : Optional.empty(),
              file.has("topic") ? count(file, "events") : 0));
    }
    SortedMap<RunId, Long> runs = new TreeMap<>();
    for (JsonNode run : array(root, "runs")) {
      if (runs.put(RunId.parse(text(run, "run_id")), count(run, "events")) != null) {
        throw new IllegalArgumentException(
            "its manifest names the run %s twice.".formatted(text(run, "run_id")));
      }
    }
    List<String> gaps = new ArrayList<>();
    array(root, "gaps").forEach(gap -> gaps.add(gap.asText()));
    StudyManifest manifest = new StudyManifest(created(root), entries, runs, gaps);
    if (manifest.events() != count(root, "events")) {
      throw new IllegalArgumentException(
          "its manifest counts %,d events, and %,d of its runs."
              .formatted(count(root, "events"), manifest.events()));
    }
    return manifest;
  }

  private static JsonNode tree(byte[] json) {
    try {
      JsonNode root = JSON.readTree(json);
      return root == null ? JSON.createObjectNode() : root;
    } catch (IOException e) {
      throw new IllegalArgumentException("its manifest is not JSON.", e);
    }
  }

  private static Instant created(JsonNode root) {
    try {
      return Instant.parse(text(root, "created"));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("its manifest has no time 'created'.", e);
    }
  }

  private static JsonNode array(JsonNode root, String key) {
    JsonNode found = root.path(key);
    if (!found.isArray()) {
      throw new IllegalArgumentException("its manifest has no list '%s'.".formatted(key));
    }
    return found;
  }

  private static String text(JsonNode of, String key) {
    JsonNode found = of.path(key);
    if (!found.isTextual()) {
      throw new IllegalArgumentException("its manifest lacks a text '%s'.".formatted(key));
    }
    return found.asText();
  }

  private static long count(JsonNode of, String key) {
    JsonNode found = of.path(key);
    if (!found.isIntegralNumber() || !found.canConvertToLong() || found.asLong() < 0) {
      throw new IllegalArgumentException("its manifest lacks a count '%s'.".formatted(key));
    }
    return found.asLong();
  }

  private static Topics topic(String name) {
    return Arrays.stream(Topics.values())
        .filter(topic -> topic.streamName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "its manifest names a topic that this version does not know."));
  }
}
