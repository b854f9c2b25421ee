package io.runledger.imports.files;

import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The lines of a text file, in UTF-8. A last line without a line feed is left out and noted, unless
 * it is known to be whole: whoever writes the file may be in the middle of it. Not thread-safe.
 */
public final class TextLines implements AutoCloseable {

  /** What is said of a last line that is not ended. */
  static final String TORN =
      "it is not ended by a line feed and is left out, because it may be half a line; if it is"
          + " whole, end it and import again";

  /** The byte order mark of UTF-8, with which some tools begin a file. */
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private static final int LONGEST = 4 << 20;
  private static final int LOOK = 1 << 12;

  private final Path file;
  private final RecordSource source;
  private final Losses losses;
  private final Predicate<String> isWhole;
  private long number;

  private TextLines(Path file, RecordSource source, Losses losses, Predicate<String> isWhole) {
    this.file = file;
    this.source = source;
    this.losses = losses;
    this.isWhole = isWhole;
  }

  /** Opens a file of whose last line it cannot be seen whether it is whole. */
  public static TextLines open(Path file, Losses losses) throws IOException {
    return open(file, losses, last -> false);
  }

  /**
   * Opens a file.
   *
   * @param isWhole whether a last line without a line feed is whole
   */
  static TextLines open(Path file, Losses losses, Predicate<String> isWhole) throws IOException {
    RecordSource source = RecordSource.open(file);
    if (source.has(MARK.length)
        && Arrays.equals(MARK, Arrays.copyOf(source.window(), MARK.length))) {
      source.advance(MARK.length);
    }
    return new TextLines(file, source, losses, isWhole);
  }

  /** Whether a file begins as texts in UTF-16 do, which are not read. */
  public static boolean isWide(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String mark = HexFormat.of().formatHex(in.readNBytes(2));
      return mark.equals("feff") || mark.equals("fffe");
    }
  }

  /** The number of the line that was read last, from 1. */
  public long number() {
    return number;
  }

  /** The next line, without its line feed; empty at the end. */
  public Optional<String> next() throws IOException {
    int length = 0;
    while (source.has(length + 1)) {
      int available = source.available();
      byte[] window = source.window();
      for (; length < available; length++) {
        if (window[source.begin() + length] == '\n') {
          number++;
          return Optional.of(taken(length));
        }
      }
      if (length > LONGEST) {
        leaveOutLong();
        length = 0;
      }
    }
    return last();
  }

  private Optional<String> last() {
    if (source.available() == 0) {
      return Optional.empty();
    }
    number++;
    String line = text(source.available());
    source.advance(source.available());
    if (isWhole.test(line)) {
      return Optional.of(line);
    }
    losses.add(file, "line " + number, TORN);
    return Optional.empty();
  }

  private String text(int length) {
    return new String(source.window(), source.begin(), length, StandardCharsets.UTF_8);
  }

  private String taken(int length) {
    String line = text(length);
    source.advance(length + 1);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  private void leaveOutLong() throws IOException {
    number++;
    losses.add(file, "line " + number, "it is longer than 4 MB and is left out");
    boolean isEnd = false;
    while (!isEnd && source.has(1)) {
      int some = Math.min(LOOK, source.available());
      int skipped = 0;
      while (skipped < some && !isEnd) {
        isEnd = source.window()[source.begin() + skipped] == '\n';
        skipped++;
      }
      source.advance(skipped);
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
