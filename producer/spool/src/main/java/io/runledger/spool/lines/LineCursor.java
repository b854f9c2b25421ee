package io.runledger.spool.lines;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Sha256;
import io.runledger.spool.FileIdentity;
import io.runledger.spool.LineReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Reads a file of JSON lines chunk by chunk. What a line leaves out is in those above it, so all
 * lines before a position are read before those behind it. The file may be closed for a while; what
 * is known of its lines is kept. Not thread-safe.
 */
public final class LineCursor implements AutoCloseable {

  private static final int MARKER_BYTES = 64 << 10;
  private static final int MARKER_LENGTH = 16;

  private final Path path;
  private final Configuration configuration;
  private final int longest;
  private final boolean keepsLines;
  private Optional<LineReader> reader;
  private FileIdentity identity;
  private JsonLines lines;
  private LineHolder holder = LineHolder.UNKNOWN;
  private long lineNumber;
  private long position;

  private LineCursor(
      Path path, Configuration configuration, boolean keepsLines, LineReader reader) {
    this.path = path;
    this.configuration = configuration;
    this.longest = longest(configuration);
    this.keepsLines = keepsLines;
    this.reader = Optional.of(reader);
    this.identity = reader.identity();
    this.lines = new JsonLines(path.getFileName().toString(), configuration);
  }

  private static int longest(Configuration configuration) {
    return configuration.integer(Setting.RECORD_MAX_BYTES);
  }

  /**
   * Opens a file, and begins at its first line.
   *
   * @param keepsLines whether its chunks keep {@link LineChunk#each}
   */
  public static LineCursor open(Path path, Configuration configuration, boolean keepsLines)
      throws IOException {
    LineReader reader = LineReader.open(path, longest(configuration));
    return new LineCursor(path, configuration, keepsLines, reader);
  }

  /**
   * Opens the file that is under the name now.
   *
   * @return whether it is another one than before, whose lines are read from the first on
   */
  public boolean reopen() throws IOException {
    LineReader fresh = LineReader.open(path, longest);
    close();
    reader = Optional.of(fresh);
    boolean isAnother = !fresh.identity().equals(identity);
    if (isAnother) {
      identity = fresh.identity();
      startOver();
    }
    return isAnother;
  }

  /** Begins at the first line again, as if nothing had been read. */
  public void startOver() {
    lines = new JsonLines(path.getFileName().toString(), configuration);
    holder = LineHolder.UNKNOWN;
    lineNumber = 0;
    position = 0;
  }

  /**
   * Reads the lines up to a position once more.
   *
   * @return false when no line ends there, and reading begins at the first line
   */
  public boolean resumeAt(long end) throws IOException {
    while (position < end) {
      LineChunk chunk = next(end - position);
      if (chunk.isEmpty() || chunk.end() > end) {
        startOver();
        return false;
      }
      moveTo(chunk);
    }
    return true;
  }

  /**
   * The lines that follow: some hundred kilobytes of whole ones, or one long line. Empty when there
   * is no whole line. {@link #moveTo} takes note that they are done with.
   *
   * @param most bytes to read at most
   */
  public LineChunk next(long most) throws IOException {
    LineChunk chunk = new LineChunk(lines, longest, position, lineNumber, keepsLines);
    byte[] bytes = reader().wholeLines(position, most);
    if (bytes.length > 0) {
      if (lineNumber == 0) {
        holder = LineHolder.of(bytes);
      }
      chunk.add(bytes);
      return chunk;
    }
    Optional<LineReader.LongLine> tooLong = reader().longLine(position);
    if (tooLong.isPresent()) {
      long length = tooLong.get().to() - position;
      byte[] head = reader().bytesAt(position, LineChunk.HEAD_BYTES);
      if (LineChunk.isCutToFit(length, head)) {
        chunk.add(reader().bytesAt(position, (int) length + 1));
      } else {
        chunk.addLong(tooLong.get(), head);
      }
    }
    return chunk;
  }

  /**
   * What distinguishes the file from others that had its name: the digest of its first line, or of
   * the beginning of a very long one, in hexadecimal digits. Empty while that is not there yet.
   */
  public Optional<String> marker() throws IOException {
    byte[] beginning = reader().bytesAt(0, Math.min(size(), MARKER_BYTES));
    int end = LineReader.firstLineFeed(beginning);
    return end == beginning.length && end < MARKER_BYTES
        ? Optional.empty()
        : Optional.of(
            HexFormat.of().formatHex(Sha256.of(Arrays.copyOf(beginning, end)), 0, MARKER_LENGTH));
  }

  /**
   * Ends the file of a process of this machine that is gone without having reported an end.
   *
   * @return whether it did; what it appended is read next
   * @throws IOException when the file cannot be appended to
   */
  public boolean endForItsProcess() throws IOException {
    return !lines.isEnded() && holder.endIfGone(path, reader(), position);
  }

  /** Continues behind this chunk. */
  public void moveTo(LineChunk chunk) {
    position = chunk.end();
    lineNumber = chunk.lastLineNumber();
  }

  /** Where the next line begins, in bytes. */
  public long position() {
    return position;
  }

  /** How many lines are before that. */
  public long lineNumber() {
    return lineNumber;
  }

  /** Bytes of the file now. */
  public long size() throws IOException {
    return reader().size();
  }

  /** What is known from the lines so far. */
  public JsonLines lines() {
    return lines;
  }

  /** What the first line says of the process that appends to the file. */
  public LineHolder holder() {
    return holder;
  }

  /** The open file, for its locks and its bytes. */
  public FileChannel channel() {
    return reader().channel();
  }

  /** Whether the open file is the one under the name. */
  public boolean standsAtItsName() throws IOException {
    return identity.standsAt(path);
  }

  private LineReader reader() {
    return reader.orElseThrow(() -> new IllegalStateException(path + " is closed."));
  }

  @Override
  public void close() throws IOException {
    if (reader.isPresent()) {
      LineReader closing = reader.get();
      reader = Optional.empty();
      closing.close();
    }
  }
}
