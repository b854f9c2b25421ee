package io.runledger.service.alert;

import io.runledger.config.InvalidConfigurationException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads one delivery: {@code deliver [NAME] to URL [signed with FILE]}, or {@code deliver [NAME] by
 * command PROGRAM [ARGUMENT]...}.
 */
final class TargetParser {

  /** A shorter key can be guessed. */
  private static final int SHORTEST_KEY = 16;

  private static final int LONGEST_KEY = 4_096;

  private static final Set<PosixFilePermission> OF_OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final Words words;
  private final Path file;

  private TargetParser(Words words, Path file) {
    this.words = words;
    this.file = file;
  }

  /**
   * The delivery behind the word {@code deliver}.
   *
   * @param file the file of rules, from whose directory relative paths begin
   */
  static Target parse(Words words, Path file) {
    return new TargetParser(words, file).target();
  }

  private Target target() {
    Optional<String> name = Optional.empty();
    if (!isHow(words.peek())) {
      Words.Word word = words.take("'to URL' or 'by command PROGRAM'");
      if (!RuleParser.NAME.matcher(word.text()).matches()) {
        throw words.wrong(
            word,
            "'%s' is not a valid name; use at most 64 letters, digits, dots, hyphens and underscores."
                .formatted(word.text()));
      }
      name = Optional.of(word.text());
    }
    if (words.takeIf("to")) {
      return webhook(name.orElse("webhook"));
    }
    if (words.takeIf("by", "command")) {
      return command(name.orElse("command"));
    }
    throw words.wrong("Expected 'to URL' or 'by command PROGRAM'.");
  }

  private static boolean isHow(Optional<Words.Word> word) {
    return word.filter(
            first -> !first.isQuoted() && (first.text().equals("to") || first.text().equals("by")))
        .isPresent();
  }

  private Target webhook(String name) {
    Words.Word word = words.take("a URL");
    URI uri = uri(word);
    Optional<byte[]> key = Optional.empty();
    if (words.takeIf("signed", "with")) {
      key = Optional.of(key(words.take("the file with the key")));
    }
    if (!words.isEmpty()) {
      // Not quoted: it may be the rest of a URL that has a blank.
      throw words.wrong("Expected 'signed with FILE' or the end of the line.");
    }
    return new Webhook(name, uri, key);
  }

  /** The message names no part of it: the path of a webhook is often its password. */
  private URI uri(Words.Word word) {
    try {
      URI uri = new URI(word.text());
      boolean isHttp = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (isHttp && uri.getHost() != null && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw words.wrong(word, "This is not a URL (" + e.getReason() + ").");
    }
    throw words.wrong(
        word, "This is not a URL of the form https://HOST/PATH or http://HOST:PORT/PATH.");
  }

  private byte[] key(Words.Word word) {
    Path path = path(word);
    try {
      if (Files.getPosixFilePermissions(path).stream().anyMatch(OF_OTHERS::contains)) {
        throw words.wrong(
            word,
            "The key %s can be read or written by others; run 'chmod 600 %s'."
                .formatted(path, path));
      }
      if (Files.size(path) > LONGEST_KEY) {
        throw words.wrong(word, "The key %s is longer than %d bytes.".formatted(path, LONGEST_KEY));
      }
      byte[] key = withoutLineEnd(Files.readAllBytes(path));
      if (key.length < SHORTEST_KEY) {
        throw words.wrong(
            word,
            "The key %s is shorter than %d bytes; make one with 'openssl rand -hex 32'."
                .formatted(path, SHORTEST_KEY));
      }
      return key;
    } catch (IOException | UnsupportedOperationException e) {
      throw new InvalidConfigurationException(
          words.wrong(word, "The key %s cannot be read: %s.".formatted(path, e)).getMessage(), e);
    }
  }

  private static byte[] withoutLineEnd(byte[] read) {
    int length = read.length;
    while (length > 0 && (read[length - 1] == '\n' || read[length - 1] == '\r')) {
      length--;
    }
    return java.util.Arrays.copyOf(read, length);
  }

  private Target command(String name) {
    Words.Word program = words.take("a program");
    Path path = path(program);
    if (!Files.isRegularFile(path) || !Files.isExecutable(path)) {
      throw words.wrong(
          program, "There is no program %s that this user may execute.".formatted(path));
    }
    List<String> argv = new ArrayList<>();
    argv.add(path.toString());
    while (!words.isEmpty()) {
      argv.add(words.take("an argument").text());
    }
    return new CommandTarget(name, argv);
  }

  private Path path(Words.Word word) {
    try {
      return file.toAbsolutePath().resolveSibling(word.text()).normalize();
    } catch (InvalidPathException e) {
      throw words.wrong(word, "'%s' is not a path.".formatted(word.text()));
    }
  }
}
