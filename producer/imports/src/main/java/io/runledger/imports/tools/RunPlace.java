package io.runledger.imports.tools;

import io.runledger.imports.files.SourceTree;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.SourceRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * How a run is named whose tracker knows it only by its directory.
 *
 * @param project the name of the directory that was given; its parent's where that is a run itself
 * @param name the path of the run's directory below it
 */
record RunPlace(String project, String name) {

  static RunPlace of(Path root, Path directory) throws IOException {
    Path top = root.toRealPath();
    if (directory.equals(top)) {
      Path parent = top.getParent() == null ? top : top.getParent();
      return new RunPlace(SourceTree.nameOf(parent), SourceTree.nameOf(top));
    }
    return new RunPlace(SourceTree.nameOf(top), SourceTree.nameBelow(top, directory));
  }

  /**
   * The run.
   *
   * @param identity what distinguishes it from another one of this name
   */
  SourceRun run(String tool, Import into, String identity, Optional<Instant> started) {
    return SourceRun.named(tool, into.project(project), name, identity, started);
  }
}
