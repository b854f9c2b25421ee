package io.runledger.agent;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of what the command writes to its stderr. Where stderr is a file, as in a batch job, the
 * command writes to it by itself and the end is read afterwards; at a terminal it writes to the
 * terminal, and nothing is kept; otherwise the launcher puts a pipe in between, and each byte is
 * passed on.
 */
final class StderrTail {

  private static final Logger LOG = LoggerFactory.getLogger(StderrTail.class);

  /** Set by the launcher: the pipe that the command writes to, unless it writes to our stderr. */
  private static final String PIPE = "runledger.exec.stderr";

  private static final Path OWN = Path.of("/proc/self/fd/2");
  private static final int KEPT_BYTES = 64 << 10;
  private static final long LATE_MILLIS = 2_000;

  private final Optional<Path> pipe;
  private final Path own;
  private final OutputStream passedTo;
  private final long from;
  private final byte[] last = new byte[KEPT_BYTES];
  private long written;
  private Optional<Thread> passing = Optional.empty();

  /**
   * @param own this process's stderr
   * @param passedTo where what comes through the pipe goes; the same
   */
  StderrTail(Optional<Path> pipe, Path own, OutputStream passedTo) {
    this.pipe = pipe;
    this.own = own;
    this.passedTo = passedTo;
    this.from = own.toFile().length();
  }

  static StderrTail ofThisProcess() {
    return new StderrTail(
        Optional.ofNullable(System.getProperty(PIPE)).map(Path::of),
        OWN,
        new FileOutputStream(FileDescriptor.err));
  }

  /** Starts to pass on; call it before the command starts. */
  void follow() {
    pipe.ifPresent(
        path -> {
          try {
            InputStream open = Files.newInputStream(path);
            Thread thread = new Thread(() -> passOn(open), "runledger-stderr");
            thread.setDaemon(true);
            thread.start();
            passing = Optional.of(thread);
          } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the command's stderr.", e);
          }
        });
  }

  private void passOn(InputStream from) {
    byte[] buffer = new byte[16 << 10];
    boolean readerThere = true;
    try (from;
        OutputStream to = passedTo) {
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        keep(buffer, count);
        try {
          if (readerThere) {
            to.write(buffer, 0, count);
          }
        } catch (IOException gone) {
          // Nobody reads the output any more, but the child must not block at a full pipe.
          readerThere = false;
        }
      }
    } catch (IOException childGone) {
      LOG.debug("Cannot read the end of stderr.", childGone);
    }
  }

  private synchronized void keep(byte[] bytes, int count) {
    for (int i = 0; i < count; i++) {
      last[(int) (written++ % KEPT_BYTES)] = bytes[i];
    }
  }

  /** What the command, which has ended, wrote last; empty at a terminal. */
  String text() {
    try {
      if (passing.isPresent()) {
        // A process that the command left behind may hold the pipe open.
        passing.get().join(LATE_MILLIS);
        return decoded(kept());
      }
      return Files.isRegularFile(own) ? decoded(endOfFile()) : "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    } catch (IOException unreadable) {
      return "";
    }
  }

  private byte[] endOfFile() throws IOException {
    try (FileChannel file = FileChannel.open(own, StandardOpenOption.READ)) {
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
