package io.runledger.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Reads whole lines of a file that may still grow, some hundred kilobytes at a time. A line longer
 * than the longest that can be sent is only measured, whatever its length. Not thread-safe.
 */
public final class LineReader implements AutoCloseable {

  private static final int READ_BYTES = 256 << 10;

  /** A line that was rewritten hardly has the same bytes in the same place, if it is not all 0s. */
  private static final int COMPARED_BYTES = 1 << 10;

  /** The line from one position up to another, which is that of its line feed. */
  public record LongLine(long from, long to) {}

  private final FileChannel channel;
  private final FileIdentity identity;
  private final int longest;
  private long scannedFrom = -1;
  private long scannedTo;

  /** The last bytes before {@link #scannedTo}, as far as they were scanned. */
  private byte[] scannedLast = {};

  private LineReader(FileChannel channel, FileIdentity identity, int longest) {
    this.channel = channel;
    this.identity = identity;
    this.longest = longest;
  }

  /**
   * Opens a file.
   *
   * @param longest bytes of the longest line that is read
   */
  public static LineReader open(Path path, int longest) throws IOException {
    FileIdentity identity = FileIdentity.of(path);
    FileChannel channel =
        FileChannel.open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    return new LineReader(channel, identity, longest);
  }

  /** The file as it was under its name when it was opened. */
  public FileIdentity identity() {
    return identity;
  }

  public FileChannel channel() {
    return channel;
  }

  public long size() throws IOException {
    return channel.size();
  }

  /**
   * The whole lines that follow a position; empty when there are none, or a {@link #longLine} is
   * next.
   *
   * @param most bytes to read at most
   */
  public byte[] wholeLines(long position, long most) throws IOException {
    long available = Math.min(most, channel.size() - position);
    byte[] few = upToLastLineFeed(bytesAt(position, Math.min(available, READ_BYTES)));
    if (few.length > 0 || available <= READ_BYTES) {
      return few;
    }
    return upToLastLineFeed(bytesAt(position, Math.min(available, longest + 1L)));
  }

  /** The line at a position that is too long to be read, once its end is there. */
  public Optional<LongLine> longLine(long position) throws IOException {
    long size = channel.size();
    if (size - position <= longest) {
      scannedFrom = -1;
      return Optional.empty();
    }
    if (scannedFrom != position || !isStillWhatWasScanned()) {
      scannedFrom = position;
      scannedTo = position + longest;
      scannedLast = new byte[0];
    }
    while (scannedTo < size) {
      byte[] bytes = bytesAt(scannedTo, READ_BYTES);
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          return Optional.of(new LongLine(position, scannedTo + i));
        }
      }
      if (bytes.length == 0) {
        break;
      }
      scannedTo += bytes.length;
      scannedLast = lastOf(scannedLast, bytes);
    }
    return Optional.empty();
  }

  /** Not so when the file was truncated in place meanwhile and rewritten. */
  private boolean isStillWhatWasScanned() throws IOException {
    byte[] now = bytesAt(scannedTo - scannedLast.length, scannedLast.length);
    return Arrays.equals(now, scannedLast);
  }

  private static byte[] lastOf(byte[] before, byte[] bytes) {
    int kept = Math.min(before.length, Math.max(0, COMPARED_BYTES - bytes.length));
    int added = Math.min(bytes.length, COMPARED_BYTES);
    byte[] last = Arrays.copyOfRange(before, before.length - kept, before.length + added);
    System.arraycopy(bytes, bytes.length - added, last, kept, added);
    return last;
  }

  private static byte[] upToLastLineFeed(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end == bytes.length ? bytes : Arrays.copyOf(bytes, end);
  }

  /** Where the first line feed of these bytes is; their number when there is none. */
  public static int firstLineFeed(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    return end;
  }

  public byte[] bytesAt(long position, long count) throws IOException {
    return FileBytes.at(channel, position, count);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
