package io.runledger.files;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Permissions that keep files and directories private to their owner, whatever the umask is: what
 * is trained is nobody else's to read, and what steers a process nobody else's to write.
 */
public final class PrivateFiles {

  /** For a file. */
  public static final FileAttribute<?> FILE = of("rw-------");

  /** For a directory, and those above it that are missing. */
  public static final FileAttribute<?> DIRECTORY = of("rwx------");

  private PrivateFiles() {}

  private static FileAttribute<?> of(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }
}
