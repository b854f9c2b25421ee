package io.runledger.imports.tools;

import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.SqliteSource;
import io.runledger.imports.files.TextLines;
import io.runledger.imports.lines.Import;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Databases of the two small trackers with a class {@code ExperimentDB}. The Python package imports
 * them when they are opened there, and it does so here: two importers with different ids would
 * import everything twice.
 */
final class ExperimentDb implements Importer {

  static final String WORD = "experiment-db";

  private static final String MODULE = "runledger.old_trackers";
  private static final String REMEDY =
      "It needs a Python with the package runledger (pip install runledger); name it by --python.";

  private static final Pattern START = Pattern.compile("\"start\":\\{\"(?!slurm)");
  private static final Pattern METRICS = Pattern.compile("\"metrics\":\\{");

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return Databases.evidence(path, ExperimentDb::isOne).map(SourceTree::nameOf);
  }

  private static boolean isOne(Set<String> tables) {
    boolean isOurs = tables.contains("projection_info");
    return !isOurs
        && (tables.containsAll(Set.of("runs", "metrics", "artifacts"))
            || tables.containsAll(Set.of("experiment_runs", "run_metrics")));
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    for (Path file : Databases.files(path, into.losses())) {
      if (Files.isRegularFile(path) || SqliteSource.isDatabase(file)) {
        readFile(file, into);
      }
    }
  }

  private static void readFile(Path file, Import into) throws IOException {
    if (into.spool().isPresent()) {
      importInto(into.spool().get(), file, into);
      return;
    }
    Path spool = Files.createTempDirectory("runledger-dry-");
    try {
      importInto(spool, file, into);
    } finally {
      for (Path each : SourceTree.children(spool)) {
        Files.delete(each);
      }
      Files.delete(spool);
    }
  }

  private static void importInto(Path spool, Path file, Import into) throws IOException {
    Set<Path> before = new HashSet<>(SourceTree.children(spool));
    PythonProcess.run(
        into.python(),
        List.of("-m", MODULE, file.toString(), "--spool", spool.toAbsolutePath().toString()),
        said -> {},
        file + " cannot be imported",
        REMEDY);
    for (Path each : SourceTree.children(spool)) {
      if (!before.contains(each) && SourceTree.nameOf(each).startsWith("imported-")) {
        count(each, into);
      }
    }
    into.read(Files.size(file));
  }

  private static void count(Path lines, Import into) throws IOException {
    try (TextLines in = TextLines.open(lines, into.losses())) {
      Optional<String> line = in.next();
      while (line.isPresent()) {
        into.add(
            START.matcher(line.get()).find() ? 1 : 0,
            1,
            METRICS.matcher(line.get()).find() ? 1 : 0);
        line = in.next();
      }
    }
  }
}
