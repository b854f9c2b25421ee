package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.files.PrivateFiles;
import io.runledger.schemas.ProjectNumber;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was said of experiments: that there is one, its tags, that it is hidden. The ledger has
 * projects only as names of runs, so this is kept in a file of its own. Thread-safe.
 */
public final class Experiments {

  /**
   * An experiment, which is a project.
   *
   * @param name the name of the project
   * @param createdMillis when it was created, in milliseconds since 1970
   * @param updatedMillis when it was changed last
   * @param isDeleted whether it is hidden
   * @param tags by name
   */
  public record Experiment(
      String name,
      long createdMillis,
      long updatedMillis,
      boolean isDeleted,
      Map<String, String> tags) {

    public Experiment {
      tags = Map.copyOf(tags);
    }

    /** Its number. */
    public String id() {
      return ProjectNumber.of(name);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Experiments.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A name and some tags each are in memory. */
  private static final int MOST = 100_000;

  private static final int MOST_TAGS = 1_000;

  private final Path file;
  private final Map<String, Experiment> byNumber = new LinkedHashMap<>();

  /** Those of a file that is not read yet. */
  Experiments(Path file) {
    this.file = file;
  }

  /** Reads what the file says, which need not be there. */
  synchronized void load() throws IOException {
    byNumber.put("0", new Experiment(ProjectNumber.DEFAULT_PROJECT, 0, 0, false, Map.of()));
    if (Files.exists(file)) {
      cutTornLine();
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        read(line);
      }
    }
  }

  /** Nobody was told that half a line is stored. */
  private void cutTornLine() throws IOException {
    byte[] all = Files.readAllBytes(file);
    int end = all.length;
    while (end > 0 && all[end - 1] != '\n') {
      end--;
    }
    if (end < all.length) {
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        open.setLength(end);
      }
    }
  }

  private void read(String line) {
    try {
      JsonNode json = JSON.readTree(line);
      Map<String, String> tags = new TreeMap<>();
      json.path("tags")
          .properties()
          .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
      Experiment read =
          new Experiment(
              json.path("name").asText(),
              json.path("created").asLong(),
              json.path("updated").asLong(),
              json.path("deleted").asBoolean(),
              tags);
      byNumber.put(read.id(), read);
    } catch (IOException e) {
      LOG.warn("A line of {} cannot be read: {}", file, e.toString());
    }
  }

  /** All that are known here, in the order of their creation. */
  public synchronized List<Experiment> all() {
    return List.copyOf(byNumber.values());
  }

  synchronized Optional<Experiment> find(String number) {
    return Optional.ofNullable(byNumber.get(number));
  }

  synchronized Experiment create(String name, Map<String, String> tags)
      throws IOException, MlflowException {
    Experiment before = byNumber.get(ProjectNumber.of(name));
    if (before != null) {
      throw new MlflowException(
          400,
          "RESOURCE_ALREADY_EXISTS",
          before.isDeleted()
              ? "Experiment(name=%s) already exists and is deleted; restore it.".formatted(name)
              : "Experiment(name=%s) already exists.".formatted(name));
    }
    if (byNumber.size() >= MOST) {
      throw MlflowException.invalid(
          "There are %,d experiments, as many as may be.".formatted(MOST));
    }
    long now = System.currentTimeMillis();
    return keep(new Experiment(name, now, now, false, tags));
  }

  synchronized void tag(Experiment experiment, String key, Optional<String> value)
      throws IOException, MlflowException {
    Map<String, String> tags = new TreeMap<>(current(experiment).tags());
    tags.remove(key);
    value.ifPresent(text -> tags.put(key, text));
    if (tags.size() > MOST_TAGS) {
      throw MlflowException.invalid("An experiment has at most %,d tags.".formatted(MOST_TAGS));
    }
    change(experiment, experiment.isDeleted(), tags);
  }

  synchronized void hide(Experiment experiment, boolean isDeleted) throws IOException {
    change(experiment, isDeleted, current(experiment).tags());
  }

  private Experiment current(Experiment experiment) {
    return byNumber.getOrDefault(experiment.id(), experiment);
  }

  private void change(Experiment experiment, boolean isDeleted, Map<String, String> tags)
      throws IOException {
    Experiment before = current(experiment);
    keep(
        new Experiment(
            before.name(), before.createdMillis(), System.currentTimeMillis(), isDeleted, tags));
  }

  private Experiment keep(Experiment experiment) throws IOException {
    ObjectNode line =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", experiment.name())
            .put("created", experiment.createdMillis())
            .put("updated", experiment.updatedMillis())
            .put("deleted", experiment.isDeleted());
    ObjectNode tags = line.putObject("tags");
    experiment.tags().forEach(tags::put);
    append(JSON.writeValueAsString(line) + "\n");
    byNumber.put(experiment.id(), experiment);
    return experiment;
  }

  private void append(String line) throws IOException {
    SpoolDirectory.createPrivate(file.getParent());
    try {
      Files.createFile(file, PrivateFiles.FILE);
    } catch (FileAlreadyExistsException e) {
      // All but the first time.
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      long end = open.length();
      open.seek(end);
      try {
        open.write(line.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        open.setLength(end);
        throw e;
      }
      open.getFD().sync();
    }
  }
}
