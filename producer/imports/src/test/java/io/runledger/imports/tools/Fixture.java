package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Files that real trackers wrote, each with the same two runs, and the values that these have. */
enum Fixture {
  LIGHTNING_CSV("lightning-csv", ImportKind.LIGHTNING_CSV),
  DVCLIVE("dvclive", ImportKind.DVCLIVE),
  SACRED("sacred", ImportKind.SACRED),
  TENSORBOARD_TORCH("tensorboard-torch", ImportKind.TENSORBOARD),
  TENSORBOARD_X("tensorboardX", ImportKind.TENSORBOARD),
  WANDB("wandb", ImportKind.WANDB),
  MLFLOW_FILE("mlflow-file", ImportKind.MLFLOW_FILE),
  MLFLOW_SQLITE("mlflow-sqlite", ImportKind.MLFLOW_SQLITE),
  TRACKIO("trackio", ImportKind.TRACKIO);

  private static final Path ALL = Path.of("src/test/resources/fixtures");

  /** Long past, so that nothing seems to be written to now. */
  static final FileTime OLD = FileTime.from(Instant.parse("2026-11-28T02:00:00Z"));

  private final String directory;
  final ImportKind kind;

  Fixture(String directory, ImportKind kind) {
    this.directory = directory;
    this.kind = kind;
  }

  /** The two runs with their true values. */
  JsonNode truth() throws IOException {
    return new ObjectMapper()
        .readTree(ALL.resolve(directory).resolve("true.json").toFile())
        .path("runs");
  }

  /** A copy of the tracker's files, to be changed. */
  Path copiedTo(Path directory) throws IOException {
    Path from = ALL.resolve(this.directory);
    Path to = directory.resolve(this.directory);
    for (Path file : files(from)) {
      Path copy = to.resolve(from.relativize(file).toString());
      Files.createDirectories(copy.getParent());
      if (file.toString().endsWith(".gz")) {
        Path unpacked = Path.of(copy.toString().replaceFirst("\\.gz$", ""));
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
          Files.copy(in, unpacked);
        }
        Files.setLastModifiedTime(unpacked, OLD);
      } else if (!file.endsWith("true.json")) {
        Files.copy(file, copy);
        Files.setLastModifiedTime(copy, OLD);
      }
    }
    return to;
  }

  static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** The bytes and times of all files, to see whether something changed one. */
  static Map<String, String> state(Path directory) throws IOException {
    Map<String, String> state = new TreeMap<>();
    for (Path file : files(directory)) {
      state.put(
          file.toString(),
          Files.getLastModifiedTime(file)
              + " "
              + java.util.Arrays.hashCode(Files.readAllBytes(file)));
    }
    return state;
  }
}
