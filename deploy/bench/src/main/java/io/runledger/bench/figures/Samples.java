package io.runledger.bench.figures;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The course of a long bench: points and memory once a second. Its thread ends with {@link #close}.
 */
public final class Samples implements AutoCloseable {

  /**
   * One moment.
   *
   * @param seconds since the bench began
   * @param points so far
   * @param heapBytes of the heap that were live after the last collection
   * @param residentBytes of memory that the process holds, the page cache of SQLite included
   */
  public record Sample(double seconds, long points, long heapBytes, long residentBytes) {}

  private final LongSupplier points;
  private final long begun = System.nanoTime();
  private final List<Sample> samples = new ArrayList<>();
  private volatile Optional<RuntimeException> failure = Optional.empty();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread = new Thread(this::sample, "runledger-bench-samples");

  private Samples(LongSupplier points) {
    this.points = points;
  }

  /** Starts to sample {@code points}, which is called on another thread. */
  public static Samples of(LongSupplier points) {
    Samples samples = new Samples(points);
    samples.thread.setDaemon(true);
    samples.thread.start();
    return samples;
  }

  private void sample() {
    try {
      do {
        take();
      } while (!ended.await(1, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failure = Optional.of(e);
    }
  }

  private synchronized void take() {
    samples.add(
        new Sample(
            (System.nanoTime() - begun) / 1e9,
            points.getAsLong(),
            liveHeap(),
            residentBytes(ProcessHandle.current().pid())));
  }

  /** All samples so far. */
  public synchronized List<Sample> all() {
    return List.copyOf(samples);
  }

  /**
   * Takes the last sample.
   *
   * @throws RuntimeException what kept the others from being taken
   */
  @Override
  public void close() {
    ended.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
    take();
  }

  private static long liveHeap() {
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage usage = pool.getCollectionUsage();
      if (pool.getType() == MemoryType.HEAP && usage != null) {
        bytes += usage.getUsed();
      }
    }
    return bytes;
  }

  /** Memory that a process holds; 0 where the system does not report it. */
  public static long residentBytes(long pid) {
    Path status = Path.of("/proc/" + pid + "/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + status + ".", e);
    }
  }
}
