package io.runledger.service.follow;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The questions of readers whether all is applied that was in the spool when they asked: each is a
 * file in it whose name begins with {@link #PREFIX}, which is removed as the answer. Not
 * thread-safe.
 */
final class Marks {

  static final String PREFIX = ".mark-";
  private static final Logger LOG = LoggerFactory.getLogger(Marks.class);

  private final Path spool;
  private final Set<Path> asked = new HashSet<>();

  Marks(Path spool) {
    this.spool = spool;
  }

  static boolean isMark(Path path) {
    return path.getFileName().toString().startsWith(PREFIX);
  }

  /**
   * Takes note of all that are there, also of those whose reader did not live to see the answer.
   */
  void look() throws IOException {
    try (DirectoryStream<Path> marks = Files.newDirectoryStream(spool, PREFIX + "*")) {
      marks.forEach(asked::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  void ask(Path mark) {
    asked.add(mark);
  }

  boolean isAsked() {
    return !asked.isEmpty();
  }

  /** Answers all that were asked: what was in the spool before is applied. */
  void answer() {
    List<Path> answered = new ArrayList<>(asked);
    asked.clear();
    for (Path mark : answered) {
      try {
        Files.deleteIfExists(mark);
      } catch (IOException e) {
        LOG.warn(
            "{} cannot be removed ({}); whoever waits for its removal will time out.", mark, e);
      }
    }
  }
}
