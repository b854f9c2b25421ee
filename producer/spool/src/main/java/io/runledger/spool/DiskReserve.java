package io.runledger.spool;

import io.runledger.files.PrivateFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room on the disk that a writer holds in advance. When the disk is full, this room goes to the
 * events that say how a run ended and what was dropped; metrics wait until it could be reserved
 * again. Not thread-safe.
 */
public final class DiskReserve {

  public static final String FILE = "reserve";

  /** Enough for a configuration and a traceback of full length, and for a day of heartbeats. */
  private static final int BYTES = 768 << 10;

  private static final long TRY_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);

  private final Path file;
  private final LongSupplier nanoTime;
  private boolean held;
  private boolean given;
  private long tryAgain;

  private DiskReserve(Path file, LongSupplier nanoTime) {
    this.file = file;
    this.nanoTime = nanoTime;
  }

  /** Reserves the room, if the disk has as much. */
  static DiskReserve take(Path directory) {
    return take(directory, System::nanoTime);
  }

  static DiskReserve take(Path directory, LongSupplier nanoTime) {
    DiskReserve reserve = new DiskReserve(directory.resolve(FILE), nanoTime);
    reserve.held = reserve.fill();
    return reserve;
  }

  /** Reserves the room again when somebody has removed its file. */
  void takeAgain() {
    if (held && !Files.exists(file)) {
      held = fill();
    }
  }

  /** Frees the room; returns whether there was any to free. */
  boolean give() throws IOException {
    given = true;
    tryAgain = nanoTime.getAsLong() + TRY_AGAIN_NANOS;
    if (!held) {
      return false;
    }
    held = false;
    return Files.deleteIfExists(file);
  }

  /** Whether the disk is so full that only the events that the room is for may be written. */
  boolean isGiven() {
    if (given && nanoTime.getAsLong() - tryAgain >= 0) {
      held = fill();
      given = !held;
      tryAgain = nanoTime.getAsLong() + TRY_AGAIN_NANOS;
    }
    return given;
  }

  /** Frees the room for good. */
  void close() throws IOException {
    held = false;
    Files.deleteIfExists(file);
  }

  private boolean fill() {
    byte[] bytes = new byte[BYTES];
    // Not zeros: a file system that compresses would keep no room for them.
    new Random(BYTES).nextBytes(bytes);
    try (OutputStream out =
        Channels.newOutputStream(
            Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PrivateFiles.FILE))) {
      out.write(bytes);
      return true;
    } catch (IOException e) {
      LOG.debug("Cannot reserve disk space in {} at the moment.", file, e);
      return removedAfter(e);
    }
  }

  private boolean removedAfter(IOException cause) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      cause.addSuppressed(e);
      LOG.warn("{} takes up space and cannot be removed.", file, cause);
    }
    return false;
  }
}
