package io.runledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.runledger.schemas.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Size and hash of a file, or of what is in a directory, as they are now.
 *
 * <p>The hash of a directory is that of its manifest: for each regular file below it, in the order
 * of the bytes of the paths in UTF-8, {@code path NUL size NUL sha256 LF}, the path relative and
 * with slashes. Links are not followed and, like empty directories, are not in it. {@code
 * directory-vectors.json} has examples for all languages.
 *
 * @param size bytes, of a directory those of all its files; empty when it could not be read
 * @param sha256 hash in hex; empty when it could not be read
 * @param files how many files a directory has; empty for a file
 */
record FileFacts(Optional<Long> size, Optional<String> sha256, OptionalInt files) {

  private static final Logger LOG = LoggerFactory.getLogger(FileFacts.class);

  /** A directory with more is a data set or a mistake, and reading it would take too long. */
  private static final int MOST_FILES = 100_000;

  private record Content(long size, String sha256) {}

  static FileFacts of(Path path) {
    try {
      if (Files.isDirectory(path)) {
        return ofDirectory(path);
      }
      if (!Files.isRegularFile(path)) {
        // A pipe or a device would be waited for, or read, for ever.
        return unknown(path, "it is neither a regular file nor a directory");
      }
      Content content = contentOf(path);
      return new FileFacts(
          Optional.of(content.size()), Optional.of(content.sha256()), OptionalInt.empty());
    } catch (IOException | UncheckedIOException e) {
      return unknown(path, e.toString());
    }
  }

  private static FileFacts ofDirectory(Path given) throws IOException {
    // A link that is given is followed, as for a file; those below it are not.
    Path directory = given.toRealPath();
    List<String> names;
    try (Stream<Path> below = Files.walk(directory)) {
      names =
          below
              .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
              .map(path -> nameIn(directory, path))
              .limit(MOST_FILES + 1L)
              .sorted((a, b) -> Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8)))
              .toList();
    }
    if (names.size() > MOST_FILES) {
      return unknown(directory, "it has more than " + MOST_FILES + " files");
    }
    MessageDigest manifest = Sha256.begin();
    long size = 0;
    for (String name : names) {
      Content content = contentOf(directory.resolve(name));
      size += content.size();
      manifest.update(
          (name + "\0" + content.size() + "\0" + content.sha256() + "\n").getBytes(UTF_8));
    }
    return new FileFacts(
        Optional.of(size),
        Optional.of(HexFormat.of().formatHex(manifest.digest())),
        OptionalInt.of(names.size()));
  }

  private static String nameIn(Path directory, Path file) {
    Path name = directory.relativize(file);
    return name.toString().replace(name.getFileSystem().getSeparator(), "/");
  }

  private static Content contentOf(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      DigestInputStream digesting = new DigestInputStream(in, Sha256.begin());
      byte[] buffer = new byte[1 << 16];
      long size = 0;
      for (int read = digesting.read(buffer); read >= 0; read = digesting.read(buffer)) {
        size += read;
      }
      return new Content(size, HexFormat.of().formatHex(digesting.getMessageDigest().digest()));
    }
  }

  private static FileFacts unknown(Path path, String why) {
    LOG.warn("The artifact {} is recorded without size and hash: {}.", path, why);
    return new FileFacts(Optional.empty(), Optional.empty(), OptionalInt.empty());
  }
}
