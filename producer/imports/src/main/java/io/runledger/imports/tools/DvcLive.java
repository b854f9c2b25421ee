package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.files.Cut;
import io.runledger.imports.files.Documents;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.TextTable;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Directories of DVCLive: {@code plots/metrics/NAME.tsv}, a slash in a name is a directory, and
 * {@code params.yaml}. Times are there if it was told to write them; a status never is.
 */
final class DvcLive implements Importer {

  static final String WORD = "dvclive";

  private static final String ENDING = ".tsv";
  private static final Path METRICS = Path.of("plots", "metrics");
  private static final String PARAMS = "params.yaml";
  private static final String STEP = "step";
  private static final String TIME = "timestamp";

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return SourceTree.anyFile(path, file -> directoryOf(file).isPresent())
        .map(file -> METRICS + "/*" + ENDING);
  }

  /** The directory of the run that a file belongs to. */
  private static Optional<Path> directoryOf(Path file) {
    if (!SourceTree.nameOf(file).endsWith(ENDING)) {
      return Optional.empty();
    }
    for (Path each = file.getParent(); each != null; each = each.getParent()) {
      if (each.endsWith(METRICS)) {
        return Optional.of(each.getParent().getParent());
      }
    }
    return Optional.empty();
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    List<Path> files = SourceTree.files(path, file -> directoryOf(file).isPresent(), into.losses());
    TreeSet<Path> directories = new TreeSet<>();
    files.forEach(file -> directoryOf(file).ifPresent(directories::add));
    for (Path directory : directories) {
      List<Path> its =
          files.stream().filter(file -> directoryOf(file).equals(Optional.of(directory))).toList();
      readRun(path, directory, its, into);
    }
  }

  private static void readRun(Path root, Path directory, List<Path> files, Import into)
      throws IOException {
    Path params = directory.resolve(PARAMS);
    Optional<String> firstRow = firstRow(files);
    if (firstRow.isEmpty()) {
      into.losses()
          .add(
              directory,
              "all of it",
              "its first metric has no whole row, by which the run is known; left out");
      return;
    }
    Instant began = SourceTree.changed(Files.exists(params) ? params : files.get(0));
    RunWriter writer =
        into.begin(
            RunPlace.of(root, directory)
                .run(WORD, into, directory + "\n" + firstRow.get(), Optional.empty()));
    writer.start(began, JsonNodeFactory.instance.objectNode());
    Optional<ObjectNode> config = Documents.yaml(params, into.losses());
    if (config.isPresent()) {
      writer.configByKey(began, config.get());
    }
    for (Path file : files) {
      readMetric(directory, file, began, writer, into);
      into.read(Files.size(file));
    }
    into.end(writer);
  }

  /**
   * The first value of each run of a directory: a new run overwrites the old one there. The name of
   * the metric is left out, because one that comes later may come before it in the alphabet. Empty
   * where a file that may have it was cut before its end: another value would be another run.
   */
  private static Optional<String> firstRow(List<Path> files) throws IOException {
    String first = "";
    for (Path file : files) {
      try (TextTable table = TextTable.open(file, '\t')) {
        int step = table.columns().indexOf(STEP);
        if (first.isEmpty() && !table.hasNext()) {
          return Optional.empty();
        }
        if (step >= 0 && table.hasNext()) {
          TextTable.Row row = table.next();
          boolean isBegin = row.fields().size() > step && row.fields().get(step).equals("0");
          if (isBegin && first.isEmpty()) {
            first = String.join(" ", row.fields());
          }
        }
      }
    }
    return Optional.of(first);
  }

  private static void readMetric(
      Path directory, Path file, Instant began, RunWriter writer, Import into) throws IOException {
    String path = SourceTree.nameBelow(directory.resolve(METRICS), file);
    String name = path.substring(0, path.length() - ENDING.length());
    try (TextTable table = TextTable.open(file, '\t');
        MetricLog log = writer.metrics(name)) {
      int step = table.columns().indexOf(STEP);
      int time = table.columns().indexOf(TIME);
      int value = valueColumn(table.columns(), SourceTree.nameOf(file));
      if (value < 0 && !table.columns().isEmpty()) {
        into.losses().add(file, "line 1", "no column has the values; the file is left out");
      }
      while (value >= 0 && table.hasNext()) {
        TextTable.Row row = table.next();
        OptionalDouble number = PlainNumbers.number(field(row, value));
        OptionalLong its = PlainNumbers.whole(field(row, step));
        if (number.isEmpty() || (step >= 0 && its.isEmpty())) {
          into.losses()
              .add(
                  file,
                  "line " + row.line(),
                  "'%s' has no step and value and is left out"
                      .formatted(Cut.shown(String.join(" ", row.fields()))));
          continue;
        }
        String written = field(row, time);
        Optional<Instant> at = PlainNumbers.instant(written);
        if (at.isEmpty() && !written.isBlank()) {
          into.losses().add(file, "line " + row.line(), Cut.isNot(written, "a time"));
        }
        log.append(Point.of(at.orElse(began), its), name, number.getAsDouble());
      }
      table.noteEnd(file, into.losses());
    }
  }

  private static int valueColumn(List<String> columns, String fileName) {
    String its = fileName.substring(0, fileName.length() - ENDING.length());
    int named = columns.indexOf(its);
    if (named >= 0) {
      return named;
    }
    for (int i = 0; i < columns.size(); i++) {
      if (!columns.get(i).equals(STEP) && !columns.get(i).equals(TIME)) {
        return i;
      }
    }
    return -1;
  }

  private static String field(TextTable.Row row, int index) {
    return index >= 0 && index < row.fields().size() ? row.fields().get(index) : "";
  }
}
