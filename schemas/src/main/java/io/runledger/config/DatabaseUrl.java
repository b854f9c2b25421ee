package io.runledger.config;

import java.nio.file.Path;

/** The URL by which the database driver opens a file. */
public final class DatabaseUrl {

  private DatabaseUrl() {}

  /**
   * The URL of a file, whatever its path has in it. As a URI, because in a plain path the driver
   * takes what follows a question mark for its own parameters, and SQLite a number sign and a
   * percent sign for a URI's.
   */
  public static String of(Path file) {
    return "jdbc:sqlite:file://" + file.toAbsolutePath().toUri().getRawPath();
  }
}
