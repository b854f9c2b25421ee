package io.runledger.service.follow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for changes of the spool's directory and of its writers' directories, by what the operating
 * system reports. Where it reports nothing, as of a network file system, all is looked at again and
 * again. One thread adds, removes and waits; what is reported may come from any.
 */
final class SpoolWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SpoolWatch.class);

  /** Between two looks at all files where changes are not reported. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private final boolean isRemote;
  // Guarded by this.
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private Set<Path> reported = new HashSet<>();
  private boolean isOverflowed;
  private boolean isBlind;

  /**
   * What has changed.
   *
   * @param all whether anything may have
   * @param paths files and directories that were created or appended to
   */
  record Changes(boolean all, Set<Path> paths) {}

  private SpoolWatch(boolean isRemote) {
    this.isRemote = isRemote;
  }

  /**
   * Watches a directory.
   *
   * @param isRemote whether others may write to it on machines whose changes are not reported here
   */
  static SpoolWatch of(Path directory, boolean isRemote) {
    SpoolWatch watch = new SpoolWatch(isRemote);
    watch.add(directory);
    return watch;
  }

  /** Watches a further directory. */
  void add(Path directory) {
    if (isWatched(directory)) {
      return;
    }
    try {
      WatchKey key = ChangeReports.shared().add(directory, this);
      synchronized (this) {
        watched.put(directory, key);
      }
    } catch (IOException e) {
      beBlind(directory, e);
    }
  }

  private synchronized void beBlind(Path directory, IOException e) {
    if (!isBlind && !isRemote) {
      LOG.warn(
          "Changes in {} are not reported ({}); all files are checked twice a second instead. To watch more directories, raise the sysctls fs.inotify.max_user_watches and fs.inotify.max_user_instances.",
          directory,
          e.toString());
    }
    isBlind = true;
  }

  /** Watches a directory no more. */
  void remove(Path directory) {
    WatchKey key;
    synchronized (this) {
      key = watched.remove(directory);
    }
    if (key != null) {
      stop(key);
    }
  }

  private void stop(WatchKey key) {
    try {
      ChangeReports.shared().remove(key, this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized boolean isWatched(Path directory) {
    return watched.containsKey(directory);
  }

  synchronized void changed(Set<Path> paths) {
    reported.addAll(paths);
    notifyAll();
  }

  synchronized void overflowed() {
    isOverflowed = true;
    notifyAll();
  }

  /** The directory was removed. */
  synchronized void lost(Path directory) {
    watched.remove(directory);
    notifyAll();
  }

  /** Waits for a change, and gives all that were reported by then. */
  synchronized Changes await(Duration atMost) throws InterruptedException {
    boolean looks = isBlind || isRemote;
    Duration wait = looks && LOOK.compareTo(atMost) < 0 ? LOOK : atMost;
    long end = System.nanoTime() + wait.toNanos();
    long left = wait.toNanos();
    while (reported.isEmpty() && !isOverflowed && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = end - System.nanoTime();
    }
    Changes changes = new Changes(looks || isOverflowed, reported);
    reported = new HashSet<>();
    isOverflowed = false;
    return changes;
  }

  @Override
  public void close() {
    Set<WatchKey> keys;
    synchronized (this) {
      keys = Set.copyOf(watched.values());
      watched.clear();
    }
    keys.forEach(this::stop);
  }
}
