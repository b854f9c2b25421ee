package io.runledger.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * Which file is under a name: device and inode. Code that has a file open compares, because
 * somebody who cleans a disk may remove the file or replace it by another.
 *
 * @param key device and inode; empty where the file system has none, and all files are alike
 */
public record FileIdentity(Optional<Object> key) {

  /** The file under this name now. */
  public static FileIdentity of(Path path) throws IOException {
    return new FileIdentity(
        Optional.ofNullable(
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey()));
  }

  /** Whether this file still is under the name. */
  public boolean standsAt(Path path) throws IOException {
    try {
      return equals(of(path));
    } catch (NoSuchFileException gone) {
      return false;
    }
  }
}
