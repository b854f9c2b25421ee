package io.runledger.spool.study;

import java.io.IOException;
import java.nio.file.Path;

/** A file is not a study that can be believed, as a sentence. */
public final class StudyRefusedException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * Refuses a file.
   *
   * @param why what is wrong with it, and what to do, as the end of a sentence
   */
  StudyRefusedException(Path file, String why) {
    super("%s is refused, and nothing of it was imported: %s".formatted(file, why));
  }
}
