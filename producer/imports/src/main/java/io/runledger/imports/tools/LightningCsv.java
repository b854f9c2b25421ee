package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Counted;
import io.runledger.imports.files.Cut;
import io.runledger.imports.files.Documents;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.TextTable;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import io.runledger.imports.lines.SourceRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Directories of Lightning's {@code CSVLogger}: {@code metrics.csv}, a row a log call, and {@code
 * hparams.yaml}. It stores neither times nor a status.
 */
final class LightningCsv implements Importer {

  static final String WORD = "lightning-csv";

  private static final String METRICS = "metrics.csv";
  private static final String HPARAMS = "hparams.yaml";
  private static final String STEP = "step";
  private static final String EPOCH = "epoch";

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return SourceTree.anyFile(path, LightningCsv::isOne)
        .map(file -> SourceTree.nameOf(file.getParent()) + "/" + METRICS);
  }

  private static boolean isOne(Path file) {
    return SourceTree.nameOf(file).equals(METRICS)
        && file.getParent() != null
        && (Files.exists(file.resolveSibling(HPARAMS))
            || SourceTree.nameOf(file.getParent()).startsWith("version_"));
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    for (Path file :
        SourceTree.files(path, each -> SourceTree.nameOf(each).equals(METRICS), into.losses())) {
      readRun(Files.isDirectory(path) ? path : file.getParent(), file, into);
    }
  }

  private static void readRun(Path root, Path file, Import into) throws IOException {
    Path directory = file.getParent();
    Path hparams = directory.resolve(HPARAMS);
    Instant began = SourceTree.changed(Files.exists(hparams) ? hparams : file);
    try (TextTable table = TextTable.open(file, ',')) {
      Optional<TextTable.Row> first =
          table.hasNext() ? Optional.of(table.next()) : Optional.empty();
      if (first.isEmpty()) {
        // The first row is a part of what the run is: without one it is none yet.
        table.noteEnd(file, into.losses());
        return;
      }
      SourceRun run =
          RunPlace.of(root, directory)
              .run(WORD, into, directory + "\n" + identity(first.get()), Optional.empty());
      RunWriter writer = into.begin(run);
      writer.start(began, JsonNodeFactory.instance.objectNode());
      Optional<ObjectNode> config = Documents.yaml(hparams, into.losses());
      if (config.isPresent()) {
        writer.configByKey(began, config.get());
      }
      try (MetricLog log = writer.metrics("")) {
        log(table, first.get(), file, began, log, into);
        while (table.hasNext()) {
          log(table, table.next(), file, began, log, into);
        }
      }
      table.noteEnd(file, into.losses());
      into.end(writer);
    }
    into.read(Files.size(file));
  }

  /** The values of the first row: whoever starts anew in a directory begins with others. */
  private static String identity(TextTable.Row first) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(first.values())
        .forEach((name, value) -> text.append(name).append('=').append(value).append(' '));
    return text.toString();
  }

  private static void log(
      TextTable table, TextTable.Row row, Path file, Instant at, MetricLog log, Import into)
      throws IOException {
    String place = "line " + row.line();
    if (row.fields().size() != table.columns().size()) {
      into.losses()
          .add(
              file,
              place,
              "it has %s instead of %d and is left out"
                  .formatted(Counted.of(row.fields().size(), "value"), table.columns().size()));
      return;
    }
    Map<String, Double> measured = new LinkedHashMap<>();
    OptionalLong step = OptionalLong.empty();
    OptionalDouble epoch = OptionalDouble.empty();
    for (Map.Entry<String, String> each : row.values().entrySet()) {
      String text = each.getValue();
      OptionalDouble number = PlainNumbers.number(text);
      boolean isRead = number.isPresent();
      if (each.getKey().equals(STEP)) {
        step = PlainNumbers.whole(text);
        isRead = step.isPresent();
      } else if (each.getKey().equals(EPOCH)) {
        epoch = number;
      } else if (isRead) {
        measured.put(each.getKey(), number.getAsDouble());
      }
      if (!isRead) {
        into.losses().add(file, place, Cut.isNot(text, "a number for " + Cut.shown(each.getKey())));
      }
    }
    log.append(Point.of(at, step).inEpoch(epoch), measured);
  }
}
