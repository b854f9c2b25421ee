package io.runledger.imports.tools;

import io.runledger.imports.files.Cut;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.TableRows;
import io.runledger.imports.files.TextLines;
import io.runledger.imports.files.TextTable;
import io.runledger.imports.lines.ColumnMap;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Tables of any origin, as CSV or lines of JSON: a row is a log call, or in a table with a column
 * for the metric's name, a value. A file is a run, or a column says which run a row is of.
 */
final class Tables implements Importer {

  static final String CSV = "csv";
  static final String JSONL = "jsonl";

  /** Runs whose rows may be mixed: each has files open. */
  private static final int MOST_MIXED = 100;

  /** Columns named in a sentence. */
  private static final int MOST_SHOWN = 20;

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
    return Files.isRegularFile(path) && SourceTree.isNamed(path, endings)
        ? Optional.of(SourceTree.nameOf(path))
        : Optional.empty();
  }

  /**
   * A map that names columns which no file of a path has would silently be none: lines of JSON are
   * read for that as far as it takes to see all of the columns.
   */
  @Override
  public Optional<String> objection(Path path, ColumnMap columns) throws IOException {
    Set<String> there = new TreeSet<>();
    for (Path file : SourceTree.files(path, endings, Losses.unheard())) {
      // What is damaged is noted when the file is read.
      try (TableRows rows = open(file, Losses.unheard())) {
        there.addAll(rows.columns());
        // A header has all of its columns, a line of JSON only its own.
        while (word.equals(JSONL) && !columns.missing(there).isEmpty() && rows.next().isPresent()) {
          there.addAll(rows.columns());
        }
      }
    }
    Set<String> missing = columns.missing(there);
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s has no column %s; it has %s."
                .formatted(path, shown(missing), there.isEmpty() ? "none" : shown(there)));
  }

  private static String shown(Set<String> columns) {
    String names =
        columns.stream().limit(MOST_SHOWN).map(Cut::shown).collect(Collectors.joining("', '"));
    int more = columns.size() - MOST_SHOWN;
    return "'" + names + "'" + (more > 0 ? " and %,d more".formatted(more) : "");
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    for (Path file : SourceTree.files(path, endings, into.losses())) {
      readFile(file, into);
      into.read(Files.size(file));
    }
  }

  private TableRows open(Path file, Losses losses) throws IOException {
    if (word.equals(JSONL)) {
      return TableRows.jsonLines(file, losses);
    }
    boolean isTabbed = SourceTree.isNamed(file, List.of(".tsv"));
    return TableRows.csv(file, TextTable.separator(file, isTabbed ? '\t' : ','), losses);
  }

  private void readFile(Path file, Import into) throws IOException {
    if (TextLines.isWide(file)) {
      into.losses()
          .add(
              file, "all of it", "it is in UTF-16; convert it, as with 'iconv -f UTF-16 -t UTF-8'");
      return;
    }
    Map<String, TableRun> open = new LinkedHashMap<>(16, LOAD, true);
    Set<String> ended = new HashSet<>();
    try (TableRows rows = open(file, into.losses())) {
      Optional<Map<String, String>> row = rows.next();
      while (row.isPresent()) {
        ColumnMap columns = into.columns().within(rows.columns());
        String name = TableRun.nameIn(row.get(), columns).orElse(SourceTree.nameOf(file));
        if (ended.contains(name)) {
          into.losses()
              .add(
                  file,
                  "line " + rows.line(),
                  "its run, '%s', has ended, because the rows of more than %d runs are mixed; sort them by run and import again"
                      .formatted(Cut.shown(name), MOST_MIXED));
          row = rows.next();
          continue;
        }
        TableRun run = open.get(name);
        if (run == null) {
          run = TableRun.begin(word, file, name, row.get(), columns, into);
          open.put(name, run);
          if (open.size() > MOST_MIXED) {
            String eldest = open.keySet().iterator().next();
            open.remove(eldest).end();
            ended.add(eldest);
          }
        }
        run.take(row.get(), rows.line(), columns);
        row = rows.next();
      }
    }
    for (TableRun run : open.values()) {
      run.end();
    }
  }
}
