package io.runledger.query.export;

import io.runledger.config.Configuration;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes the events of runs into a portable study. They are in the log, which is not read here: who
 * knows it is found by the service loader.
 */
public interface StudyFile {

  /**
   * What is asked for.
   *
   * @param configuration where database and log are
   * @param spool the spool that the database was filled from, if it was named
   * @param runs whose events
   * @param file where the study goes
   * @param acceptGap whether to go on where the log has lost history
   */
  record Request(
      Configuration configuration,
      Optional<Path> spool,
      Set<RunId> runs,
      Path file,
      boolean acceptGap) {}

  /**
   * What was written.
   *
   * @param runs runs of which there were events
   * @param deadLetters records of these runs that are no events, and were left out
   * @param bytes size of the file
   * @param sha256 what names the study
   * @param gaps what the log has lost of all runs together, a sentence each
   */
  record Written(
      long runs, long events, long deadLetters, long bytes, String sha256, List<String> gaps) {}

  /** Hears how far it has come, in parts of the log. */
  interface Progress {

    /** Says how much is done of how much there is. */
    void at(long done, long total);
  }

  /**
   * Writes it. Whatever the log does not give ends it with an exception that is a sentence, and
   * leaves what was at its place.
   *
   * @throws IOException when the file cannot be written
   */
  Written write(Request request, Progress progress) throws IOException, InterruptedException;
}
