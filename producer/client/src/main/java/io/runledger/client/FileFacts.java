package io.runledger.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Size and hash of a file as they are now.
 *
 * @param size bytes; empty when the file could not be read
 * @param sha256 hash of the content in hex; empty when the file could not be read
 */
record FileFacts(Optional<Long> size, Optional<String> sha256) {

  private static final Logger LOG = LoggerFactory.getLogger(FileFacts.class);

  static FileFacts of(Path file) {
    if (!Files.isRegularFile(file)) {
      // A pipe or a device would be waited for, or read, for ever.
      LOG.warn(
          "The artifact {} is recorded without size and hash: it is not a regular file.", file);
      return new FileFacts(Optional.empty(), Optional.empty());
    }
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      DigestInputStream digesting = new DigestInputStream(in, sha256);
      byte[] buffer = new byte[1 << 16];
      long size = 0;
      for (int read = digesting.read(buffer); read >= 0; read = digesting.read(buffer)) {
        size += read;
      }
      return new FileFacts(
          Optional.of(size), Optional.of(HexFormat.of().formatHex(sha256.digest())));
    } catch (IOException e) {
      LOG.warn("The artifact {} is recorded without size and hash: {}", file, e.toString());
      return new FileFacts(Optional.empty(), Optional.empty());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
