package io.runledger.client;

import io.runledger.schemas.Base32;
import io.runledger.schemas.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The errors that the processes of a wrapper have recorded themselves, so that the wrapper, which
 * also finds them on stderr, does not record them twice. Each is a file without content in {@code
 * .ranks/told-ATTEMPT} of the spool, whose name is the beginning of the SHA-256, in hex, of type,
 * line feed, and first line of the message. The Python package makes them.
 */
final class ToldErrors {

  private static final int NAME_LENGTH = 24;

  private final Path directory;

  /**
   * @param attempt the attempt that the wrapper has begun
   */
  ToldErrors(Path spool, long attempt) {
    directory = spool.resolve(RankedAttempt.DIRECTORY).resolve("told-" + Base32.encode(attempt));
  }

  boolean has(String type, Optional<String> message) {
    String said = type + "\n" + message.orElse("").lines().findFirst().orElse("");
    String name = Sha256.hex(said.getBytes(StandardCharsets.UTF_8)).substring(0, NAME_LENGTH);
    return Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  /** Removes the files, once the wrapper has ended. */
  void forget() throws IOException {
    RankedAttempt.forget(directory);
  }
}
