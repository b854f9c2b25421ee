package io.runledger.service.follow;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.files.HeldLocks;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the spools of many desks in one process, which costs less than one for each. A desk is
 * asked for by a file in a directory whose name ends in {@link #REQUEST}: the path of the spool and
 * that of the database, with a NUL between. It is removed as soon as the desk is followed, or after
 * it was written into the desk's {@link #LOG_OF_SPOOL} why it cannot be.
 */
public final class Desks implements AutoCloseable {

  static final String REQUEST = ".desk";
  static final String LOG_OF_SPOOL = ".follower.log";
  private static final String LOCK = "lock";
  private static final Logger LOG = LoggerFactory.getLogger(Desks.class);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Path directory;
  private final Configuration configuration;
  private final HeldLocks.Held lock;
  private final Optional<WatchService> watch;
  private final InstantSource clock = InstantSource.system();
  private final CountDownLatch closing = new CountDownLatch(1);
  // Guarded by this.
  private final Map<Path, Thread> threads = new HashMap<>();
  private final Map<Path, Follower> followers = new HashMap<>();

  private Desks(
      Path directory,
      Configuration configuration,
      HeldLocks.Held lock,
      Optional<WatchService> watch) {
    this.directory = directory;
    this.configuration = configuration;
    this.lock = lock;
    this.watch = watch;
  }

  /**
   * Takes the requests of a directory, which is created if it is not there; empty where another
   * process does.
   */
  public static Optional<Desks> open(Path directory, Configuration configuration)
      throws IOException {
    SpoolDirectory.createPrivate(directory);
    Optional<HeldLocks.Held> lock = HeldLocks.takeByName(directory.resolve(LOCK));
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Desks(directory, configuration, lock.get(), watch(directory)));
  }

  private static Optional<WatchService> watch(Path directory) throws IOException {
    WatchService watch;
    try {
      watch = directory.getFileSystem().newWatchService();
    } catch (IOException e) {
      LOG.warn(
          "Requests in {} are not reported ({}) and are looked for each second instead; raise the sysctl fs.inotify.max_user_instances.",
          directory,
          e.toString());
      return Optional.empty();
    }
    directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    return Optional.of(watch);
  }

  /**
   * Follows what is asked for until {@link #end}, or until none was followed for a while.
   *
   * @param idle when a desk, and when the process, ends; empty for never
   */
  public void run(Optional<Duration> idle) throws InterruptedException, IOException {
    Instant lastDesk = clock.instant();
    while (closing.getCount() > 0) {
      takeRequests(idle);
      if (isBusy()) {
        lastDesk = clock.instant();
      } else if (idle.isPresent() && clock.instant().isAfter(lastDesk.plus(idle.get()))) {
        return;
      }
      awaitRequest();
      if (!Files.isDirectory(directory)) {
        LOG.info("{} was removed; no more requests to follow a spool can arrive.", directory);
        return;
      }
    }
  }

  private void awaitRequest() throws InterruptedException {
    if (watch.isEmpty()) {
      closing.await(LOOK.toNanos(), TimeUnit.NANOSECONDS);
      return;
    }
    WatchKey key = watch.get().poll(LOOK.toNanos(), TimeUnit.NANOSECONDS);
    if (key != null) {
      key.pollEvents();
      key.reset();
    }
  }

  /** Has {@link #run} return, and all followers end after the batch in hand. */
  public void end() {
    closing.countDown();
    synchronized (this) {
      followers.values().forEach(Follower::end);
    }
  }

  private synchronized boolean isBusy() {
    return !threads.isEmpty();
  }

  private synchronized void takeRequests(Optional<Duration> idle) throws IOException {
    try (DirectoryStream<Path> requests = Files.newDirectoryStream(directory, "*" + REQUEST)) {
      for (Path request : requests) {
        if (!threads.containsKey(request)) {
          Thread thread =
              new Thread(() -> serve(request, idle), "runledger-" + request.getFileName());
          threads.put(request, thread);
          thread.start();
        }
      }
    }
  }

  private void serve(Path request, Optional<Duration> idle) {
    try {
      follow(request, idle);
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} cannot be served: {}", request, e.toString());
      remove(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        threads.remove(request);
        followers.remove(request);
      }
    }
  }

  private void follow(Path request, Optional<Duration> idle)
      throws InterruptedException, IOException {
    String[] paths = Files.readString(request, StandardCharsets.UTF_8).split("\0", -1);
    if (paths.length != 2) {
      throw new IOException("it does not hold the paths of a spool and a database");
    }
    Path spool = Path.of(paths[0]);
    if (!Files.isDirectory(spool)) {
      throw new IOException(spool + " was removed");
    }
    try {
      follow(request, spool, Path.of(paths[1]), idle);
    } catch (RuntimeException e) {
      Files.writeString(spool.resolve(LOG_OF_SPOOL), e.getMessage() + "\n");
      throw e;
    }
  }

  private void follow(Path request, Path spool, Path database, Optional<Duration> idle)
      throws InterruptedException {
    Configuration ofDesk =
        configuration.with(Setting.SPOOL, spool.toString()).with(Setting.DB, database.toString());
    try (Follower follower = Follower.open(spool, ofDesk)) {
      synchronized (this) {
        followers.put(request, follower);
      }
      remove(request);
      if (closing.getCount() > 0) {
        follower.run(idle);
      }
    }
  }

  private static void remove(Path request) {
    try {
      Files.deleteIfExists(request);
    } catch (IOException e) {
      LOG.warn("{} cannot be removed: {}", request, e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    end();
    for (Thread thread : served()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (watch.isPresent()) {
      watch.get().close();
    }
    lock.close();
  }

  private synchronized List<Thread> served() {
    return List.copyOf(threads.values());
  }
}
