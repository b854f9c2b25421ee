package io.runledger.imports.files;

import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The lines of a text file, in UTF-8. A last line without a line feed is left out and noted:
 * whoever writes the file may be in the middle of it. Not thread-safe.
 */
public final class TextLines implements AutoCloseable {

  /** What is said of a last line that is not ended. */
  static final String TORN =
      "it is not ended by a line feed and is left out, because it may be half a line; if it is"
          + " whole, end it and import again";

  private static final int LONGEST = 4 << 20;
  private static final int LOOK = 1 << 12;

  private final Path file;
  private final RecordSource source;
  private final Losses losses;
  private long number;

  private TextLines(Path file, RecordSource source, Losses losses) {
    this.file = file;
    this.source = source;
    this.losses = losses;
  }

  /** Opens a file. */
  public static TextLines open(Path file, Losses losses) throws IOException {
    return new TextLines(file, RecordSource.open(file), losses);
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
    if (source.available() > 0) {
      number++;
      losses.add(file, "line " + number, TORN);
      source.advance(source.available());
    }
    return Optional.empty();
  }

  private String taken(int length) {
    String line = new String(source.window(), source.begin(), length, StandardCharsets.UTF_8);
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
