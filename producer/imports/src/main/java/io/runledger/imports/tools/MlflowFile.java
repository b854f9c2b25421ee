package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.files.Cut;
import io.runledger.imports.files.Documents;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.TextLines;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A directory that MLflow's clients wrote: {@code mlruns/EXPERIMENT/RUN/} with {@code meta.yaml},
 * and a file for each metric, parameter and tag.
 */
final class MlflowFile implements Importer {

  static final String WORD = "mlflow-file";

  private static final String META = "meta.yaml";
  private static final String RUN_ID = "run_id";
  private static final String START_TIME = "start_time";
  private static final String NAME = "name";
  private static final String TRASH = ".trash";

  /** A value of a parameter or a tag has 8,000 characters at most. */
  private static final int LONGEST_VALUE = 1 << 20;

  /** A line of a metric has some 60 characters. */
  private static final int LONGEST_LINE = 10_000;

  private static final List<String> STATUSES =
      List.of("", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED");

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return SourceTree.anyFile(path, MlflowFile::isOne)
        .map(file -> SourceTree.nameOf(file.getParent()) + "/" + META);
  }

  /** A directory of a run has three of its own; one of an experiment, runs or none. */
  private static boolean isOne(Path file) {
    return SourceTree.nameOf(file).equals(META)
        && (Files.isDirectory(file.resolveSibling("metrics"))
            || Files.isDirectory(file.resolveSibling("params")));
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    List<Path> metas = SourceTree.files(path, MlflowFile::isOne, into.losses());
    Map<Path, List<MlflowRunDirectory>> byExperiment = new TreeMap<>();
    for (Path meta : metas) {
      Path directory = meta.getParent();
      Optional<ObjectNode> described = described(meta, START_TIME, into);
      if (described.isPresent()) {
        // The directory has it as its name, should the file be damaged there.
        String id = text(described.get(), RUN_ID).orElse(SourceTree.nameOf(directory));
        byExperiment
            .computeIfAbsent(directory.getParent(), any -> new ArrayList<>())
            .add(new MlflowRunDirectory(directory, described.get().put(RUN_ID, id)));
      }
    }
    for (Map.Entry<Path, List<MlflowRunDirectory>> each : byExperiment.entrySet()) {
      Path experiment = each.getKey();
      Path meta = experiment.resolve(META);
      Optional<String> name = Optional.of(SourceTree.nameOf(experiment));
      if (Files.exists(meta)) {
        name =
            described(meta, NAME, into)
                .map(found -> text(found, NAME).orElse(SourceTree.nameOf(experiment)));
      }
      each.getValue().sort(null);
      for (MlflowRunDirectory run :
          name.isPresent() ? each.getValue() : List.<MlflowRunDirectory>of()) {
        readRun(run, name.get(), into);
      }
    }
  }

  /**
   * What a file says; empty, and noted, when damage hides what is part of what a run is: with
   * something else in its place, a sound copy would be another run.
   */
  private static Optional<ObjectNode> described(Path meta, String needed, Import into) {
    Optional<ObjectNode> found = Documents.yaml(meta, into.losses());
    if (found.isEmpty() || !found.get().path(needed).isValueNode()) {
      into.losses()
          .add(
              meta.getParent(),
              "all of it",
              "its meta.yaml does not say its %s, which is part of what a run is; left out"
                  .formatted(needed));
      return Optional.empty();
    }
    return found;
  }

  /** The oldest first, so that new runs come last. */
  private record MlflowRunDirectory(Path path, JsonNode meta)
      implements Comparable<MlflowRunDirectory> {
    long started() {
      return meta.path(START_TIME).asLong();
    }

    @Override
    public int compareTo(MlflowRunDirectory other) {
      int byTime = Long.compare(started(), other.started());
      return byTime != 0 ? byTime : path.compareTo(other.path);
    }
  }

  private static void readRun(MlflowRunDirectory directory, String experiment, Import into)
      throws IOException {
    JsonNode meta = directory.meta();
    Path path = directory.path();
    Map<String, String> tags = values(path.resolve("tags"), into);
    int status = meta.path("status").asInt();
    boolean isInTrash = path.getParent().getParent().endsWith(TRASH);
    MlflowRun run =
        new MlflowRun(
            experiment,
            meta.path(RUN_ID).asText(),
            text(meta, "run_name").or(() -> Optional.ofNullable(tags.get("mlflow.runName"))),
            text(meta, "user_id").or(() -> Optional.ofNullable(tags.get("mlflow.user"))),
            status > 0 && status < STATUSES.size() ? STATUSES.get(status) : "",
            millis(meta, START_TIME),
            millis(meta, "end_time"),
            Optional.of(path.resolve("artifacts").toString()),
            isInTrash || meta.path("lifecycle_stage").asText().equals("deleted"));
    RunWriter writer = run.begin(tags, into);
    for (Map.Entry<String, String> each : values(path.resolve("params"), into).entrySet()) {
      run.param(writer, each.getKey(), each.getValue());
    }
    Path metrics = path.resolve("metrics");
    if (Files.isDirectory(metrics)) {
      for (Path file : SourceTree.files(metrics, any -> true, into.losses())) {
        readMetric(file, SourceTree.nameBelow(metrics.toRealPath(), file), writer, into);
      }
    }
    run.end(writer, into);
  }

  private static Optional<String> text(JsonNode meta, String key) {
    return Optional.of(meta.path(key).asText("")).filter(text -> !text.isEmpty());
  }

  private static Optional<Instant> millis(JsonNode meta, String key) {
    long millis = meta.path(key).asLong();
    return millis > 0 ? Optional.of(Instant.ofEpochMilli(millis)) : Optional.empty();
  }

  /** The values of the files below a directory, by their paths. */
  private static Map<String, String> values(Path directory, Import into) throws IOException {
    Map<String, String> values = new TreeMap<>();
    if (!Files.isDirectory(directory)) {
      return values;
    }
    for (Path file : SourceTree.files(directory, any -> true, into.losses())) {
      if (Files.size(file) > LONGEST_VALUE) {
        into.losses().add(file, "all of it", "larger than 1 MB, hence left out");
      } else {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        values.put(SourceTree.nameBelow(directory.toRealPath(), file), text);
        into.read(Files.size(file));
      }
    }
    return values;
  }

  /** Lines of {@code milliseconds value step}, and later versions' further words. */
  private static void readMetric(Path file, String name, RunWriter writer, Import into)
      throws IOException {
    try (TextLines lines = TextLines.open(file, into.losses());
        MetricLog log = writer.metrics(name)) {
      Optional<String> line = lines.next();
      while (line.isPresent()) {
        if (!isLogged(line.get(), name, log)) {
          into.losses()
              .add(
                  file,
                  "line " + lines.number(),
                  "'%s' is not a time, a value and a step; it is left out"
                      .formatted(Cut.shown(line.get())));
        }
        line = lines.next();
      }
    }
    into.read(Files.size(file));
  }

  private static boolean isLogged(String line, String name, MetricLog log) throws IOException {
    if (line.length() > LONGEST_LINE) {
      return false;
    }
    String[] words = line.split(" ", -1);
    if (words.length < 2) {
      return false;
    }
    Optional<Instant> at = PlainNumbers.instant(words[0]);
    OptionalDouble value = PlainNumbers.number(words[1]);
    // The first versions had no steps.
    OptionalLong step = words.length < 3 ? OptionalLong.of(0) : PlainNumbers.whole(words[2]);
    if (at.isEmpty() || value.isEmpty() || step.isEmpty()) {
      return false;
    }
    log.append(Point.of(at.get(), step), name, value.getAsDouble());
    return true;
  }
}
