package io.runledger.agent;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of what a child writes to its stderr. Where stderr is a file, as in a batch job, the
 * child writes to it by itself and the end is read afterwards; at a terminal it keeps the terminal,
 * and nothing is kept; anything else is passed through, byte for byte.
 */
final class StderrTail {

  private static final Logger log = LoggerFactory.getLogger(StderrTail.class);

  private static final Path OWN = Path.of("/proc/self/fd/2");
  private static final int KEPT_BYTES = 64 << 10;
  private static final long LATE_MILLIS = 2_000;

  private enum Kind {
    FILE,
    TERMINAL,
    PASSED_THROUGH
  }

  private final Kind kind;
  private final long from;
  private final byte[] last = new byte[KEPT_BYTES];
  private long written;
  private Thread passing;

  StderrTail() {
    this.kind = kind();
    this.from = kind == Kind.FILE ? OWN.toFile().length() : 0;
  }

  private static Kind kind() {
    if (Files.isRegularFile(OWN)) {
      return Kind.FILE;
    }
    return Terminal.isAt(2) ? Kind.TERMINAL : Kind.PASSED_THROUGH;
  }

  void prepare(ProcessBuilder child) {
    child.redirectError(
        kind == Kind.PASSED_THROUGH
            ? ProcessBuilder.Redirect.PIPE
            : ProcessBuilder.Redirect.INHERIT);
  }

  void follow(Process child) {
    if (kind == Kind.PASSED_THROUGH) {
      passing = new Thread(() -> passOn(child.getErrorStream()), "runledger-stderr");
      passing.setDaemon(true);
      passing.start();
    }
  }

  private void passOn(InputStream from) {
    byte[] buffer = new byte[16 << 10];
    boolean readerThere = true;
    try (FileOutputStream to = new FileOutputStream(FileDescriptor.err)) {
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        keep(buffer, count);
        try {
          if (readerThere) {
            to.write(buffer, 0, count);
          }
        } catch (IOException gone) {
          // Nobody reads any more; the child must not block at a full pipe for that.
          readerThere = false;
        }
      }
    } catch (IOException childGone) {
      log.debug("The end of stderr is not known.", childGone);
    }
  }

  private synchronized void keep(byte[] bytes, int count) {
    for (int i = 0; i < count; i++) {
      last[(int) (written++ % KEPT_BYTES)] = bytes[i];
    }
  }

  /** What the child, which has ended, wrote last; empty at a terminal. */
  String text() {
    try {
      return switch (kind) {
        case TERMINAL -> "";
        case FILE -> decoded(endOfFile());
        case PASSED_THROUGH -> {
          // A process that the child left behind may hold the pipe open.
          passing.join(LATE_MILLIS);
          yield decoded(kept());
        }
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    } catch (IOException unreadable) {
      return "";
    }
  }

  private byte[] endOfFile() throws IOException {
    try (FileChannel file = FileChannel.open(OWN, StandardOpenOption.READ)) {
      long begin = Math.max(Math.min(from, file.size()), file.size() - KEPT_BYTES);
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(KEPT_BYTES, file.size() - begin));
      while (buffer.hasRemaining() && file.read(buffer, begin + buffer.position()) >= 0) {
        // until it is full or the file ends
      }
      return Arrays.copyOf(buffer.array(), buffer.position());
    }
  }

  private synchronized byte[] kept() {
    int count = (int) Math.min(written, KEPT_BYTES);
    byte[] kept = new byte[count];
    for (int i = 0; i < count; i++) {
      kept[i] = last[(int) ((written - count + i) % KEPT_BYTES)];
    }
    return kept;
  }

  private static String decoded(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
