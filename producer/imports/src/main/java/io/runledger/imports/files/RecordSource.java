package io.runledger.imports.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes of a file in a window that moves forwards. Not thread-safe. */
final class RecordSource implements AutoCloseable {

  private static final int CHUNK = 1 << 16;

  private final InputStream in;
  private byte[] window = new byte[CHUNK];
  private int begin;
  private int end;
  private long position;

  private RecordSource(InputStream in) {
    this.in = in;
  }

  static RecordSource open(Path file) throws IOException {
    return new RecordSource(Files.newInputStream(file));
  }

  /** Has at least so many bytes in the window, if the file has them. */
  boolean has(int bytes) throws IOException {
    if (end - begin >= bytes) {
      return true;
    }
    if (window.length - begin < bytes) {
      byte[] larger = new byte[Math.max(window.length, Integer.highestOneBit(bytes - 1) * 2)];
      System.arraycopy(window, begin, larger, 0, end - begin);
      window = larger;
      end -= begin;
      begin = 0;
    }
    while (end - begin < bytes) {
      int read = in.read(window, end, window.length - end);
      if (read < 0) {
        return false;
      }
      end += read;
    }
    return true;
  }

  /** The bytes that are in the window, from {@link #begin()} on. */
  byte[] window() {
    return window;
  }

  int begin() {
    return begin;
  }

  /** How many bytes are in the window now. */
  int available() {
    return end - begin;
  }

  /** The offset in the file of the window's first byte. */
  long position() {
    return position;
  }

  void advance(int bytes) {
    begin += bytes;
    position += bytes;
  }

  /** Leaves out so many bytes, as far as there are some. */
  void skip(long bytes) throws IOException {
    long left = bytes;
    while (left > 0 && has(1)) {
      int some = (int) Math.min(left, available());
      advance(some);
      left -= some;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
