package io.runledger.query.cli;

import io.runledger.config.DatabaseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The file in the spool next to a database by which a job asks whoever reads next to wait for what
 * it has written. The process that follows the spool removes it when that is in the database.
 */
final class DeskMark {

  static final String NAME = ".mark-end";

  /** A follower starts in a second, two on a busy machine, and seven on an overloaded one. */
  private static final Duration NEW = Duration.ofSeconds(15);

  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Path database;
  private final Path spool;

  DeskMark(Path database) {
    this.database = database;
    this.spool = DatabaseFile.spoolOf(database);
  }

  /**
   * Waits while the file is there and some seconds old at most.
   *
   * @return what to say where it is still there, because nothing applies what was written
   */
  Optional<String> awaitAnswer() {
    Path mark = spool.resolve(NAME);
    while (isThere(mark)) {
      if (isOld(mark)) {
        return Optional.of(
            "%s does not have everything that jobs wrote yet; 'runledger follow --spool %s --db %s' applies it."
                .formatted(database, spool, database));
      }
      try {
        Thread.sleep(PAUSE.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static boolean isThere(Path mark) {
    return Files.exists(mark, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isOld(Path mark) {
    try {
      Instant left = Files.getLastModifiedTime(mark, LinkOption.NOFOLLOW_LINKS).toInstant();
      return Duration.between(left, Instant.now()).abs().compareTo(NEW) > 0;
    } catch (IOException answeredMeanwhile) {
      return false;
    }
  }
}
