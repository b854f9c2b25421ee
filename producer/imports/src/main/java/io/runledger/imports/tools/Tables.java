package io.runledger.imports.tools;

import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.TableRows;
import io.runledger.imports.lines.Import;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tables of any origin, as CSV or lines of JSON: a row is a log call, or in a table with a column
 * for the metric's name, a value. A file is a run, or a column says which run a row is of.
 */
final class Tables implements Importer {

  static final String CSV = "csv";
  static final String JSONL = "jsonl";

  /** Runs whose rows may be mixed: each has files open. */
  private static final int MOST_MIXED = 100;

  private static final float LOAD = 0.75f;

  private final String word;
  private final List<String> endings;

  private Tables(String word, List<String> endings) {
    this.word = word;
    this.endings = endings;
  }

  static Tables ofCsv() {
    return new Tables(CSV, List.of(".csv", ".tsv"));
  }

  static Tables ofJsonLines() {
    return new Tables(JSONL, List.of(".jsonl", ".ndjson"));
  }

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    // Among the files of a directory, a table may be anything.
    return Files.isRegularFile(path) && isNamedSo(path)
        ? Optional.of(SourceTree.nameOf(path))
        : Optional.empty();
  }

  private boolean isNamedSo(Path file) {
    return endings.stream().anyMatch(SourceTree.nameOf(file)::endsWith);
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    List<Path> files =
        Files.isDirectory(path)
            ? SourceTree.files(path, this::isNamedSo)
            : List.of(path.toRealPath());
    for (Path file : files) {
      readFile(file, into);
      into.read(Files.size(file));
    }
  }

  private TableRows open(Path file, Import into) throws IOException {
    if (word.equals(JSONL)) {
      return TableRows.jsonLines(file, into.losses());
    }
    char separator = SourceTree.nameOf(file).endsWith(".tsv") ? '\t' : ',';
    return TableRows.csv(file, separator, into.losses());
  }

  private void readFile(Path file, Import into) throws IOException {
    Map<String, TableRun> open = new LinkedHashMap<>(16, LOAD, true);
    Map<String, Boolean> ended = new LinkedHashMap<>();
    try (TableRows rows = open(file, into)) {
      Optional<Map<String, String>> row = rows.next();
      while (row.isPresent()) {
        String name = TableRun.nameIn(row.get(), into.columns()).orElse(SourceTree.nameOf(file));
        if (ended.containsKey(name)) {
          throw new IOException(
              "%s, line %d: the rows of more than %d runs are mixed; sort it by run."
                  .formatted(file, rows.line(), MOST_MIXED));
        }
        TableRun run = open.get(name);
        if (run == null) {
          run = TableRun.begin(word, file, name, row.get(), into);
          open.put(name, run);
          if (open.size() > MOST_MIXED) {
            String eldest = open.keySet().iterator().next();
            open.remove(eldest).end();
            ended.put(eldest, true);
          }
        }
        run.take(row.get(), rows.line());
        row = rows.next();
      }
    }
    for (TableRun run : open.values()) {
      run.end();
    }
  }
}
