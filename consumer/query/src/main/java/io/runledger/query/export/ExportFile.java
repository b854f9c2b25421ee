package io.runledger.query.export;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A file that is there as a whole or not at all: it is written next to its place, and moved there
 * by {@link #complete}. A device or a pipe is written as it comes.
 *
 * <p>Remembers why a write failed, because those who write text forget it.
 */
public final class ExportFile implements Closeable {

  private final Path place;
  private final Path written;
  private final OutputStream out;
  private Optional<IOException> trouble = Optional.empty();
  private boolean complete;

  /** Opens it; what is there stays until {@link #complete}. */
  public ExportFile(Path named) throws IOException {
    if (Files.isDirectory(named)) {
      throw new FileSystemException(named.toString(), null, "it is a directory");
    }
    Path directory = named.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      throw new FileSystemException(named.toString(), null, "there is no directory " + directory);
    }
    // A link continues to name what it names.
    this.place = Files.exists(named) ? named.toRealPath() : named;
    this.written =
        !Files.exists(place) || Files.isRegularFile(place)
            ? place.resolveSibling(
                place.getFileName() + "." + ProcessHandle.current().pid() + ".part")
            : place;
    this.out = new BufferedOutputStream(Files.newOutputStream(written), 1 << 16);
  }

  /** What is written to it; to close this flushes it. */
  public OutputStream stream() {
    return new OutputStream() {
      @Override
      public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        attempt(() -> out.write(bytes, offset, length));
      }

      @Override
      public void flush() throws IOException {
        attempt(out::flush);
      }

      @Override
      public void close() throws IOException {
        flush();
      }
    };
  }

  private interface Step {
    void run() throws IOException;
  }

  private void attempt(Step step) throws IOException {
    if (trouble.isPresent()) {
      throw trouble.get();
    }
    try {
      step.run();
    } catch (IOException e) {
      trouble = Optional.of(e);
      throw e;
    }
  }

  /** Complains of a write that failed before. */
  void check() {
    trouble.ifPresent(
        e -> {
          throw new UncheckedIOException(e);
        });
  }

  /** Puts it in its place; gives its size, 0 of what is not a file. */
  public long complete() throws IOException {
    attempt(out::close);
    complete = true;
    if (written.equals(place)) {
      return 0;
    }
    Files.move(written, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    return Files.size(place);
  }

  /** What is not complete leaves nothing. */
  @Override
  public void close() throws IOException {
    if (complete) {
      return;
    }
    try {
      out.close();
    } finally {
      if (!written.equals(place)) {
        Files.deleteIfExists(written);
      }
    }
  }
}
