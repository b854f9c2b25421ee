package io.runledger.service.follow;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
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
 * again. Not thread-safe.
 */
final class SpoolWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SpoolWatch.class);

  /** Between two looks at all files where changes are not reported. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private final WatchService service;
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private boolean isBlind;

  /**
   * What has changed.
   *
   * @param all whether anything may have
   * @param paths files and directories that were created or appended to
   */
  record Changes(boolean all, Set<Path> paths) {}

  private SpoolWatch(WatchService service, boolean isBlind) {
    this.service = service;
    this.isBlind = isBlind;
  }

  /**
   * Watches a directory.
   *
   * @param isRemote whether others may write to it on machines whose changes are not reported here
   */
  static SpoolWatch of(Path directory, boolean isRemote) throws IOException {
    SpoolWatch watch = new SpoolWatch(FileSystems.getDefault().newWatchService(), isRemote);
    watch.add(directory);
    return watch;
  }

  /** Watches a further directory. */
  void add(Path directory) {
    if (watched.containsKey(directory)) {
      return;
    }
    try {
      watched.put(
          directory,
          directory.register(
              service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY));
    } catch (IOException e) {
      if (!isBlind) {
        isBlind = true;
        LOG.warn(
            "Changes in {} are not reported ({}); all files are checked twice a second instead. To watch more directories, raise the sysctl fs.inotify.max_user_watches.",
            directory,
            e.toString());
      }
    }
  }

  /** Watches a directory no more. */
  void remove(Path directory) {
    WatchKey key = watched.remove(directory);
    if (key != null) {
      key.cancel();
    }
  }

  boolean isWatched(Path directory) {
    return watched.containsKey(directory);
  }

  /** Waits for a change, and gives all that were reported by then. */
  Changes await(Duration atMost) throws InterruptedException {
    Duration wait = isBlind && LOOK.compareTo(atMost) < 0 ? LOOK : atMost;
    Set<Path> paths = new HashSet<>();
    boolean all = isBlind;
    WatchKey key = service.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    // What was reported before something that is seen here is in the queue by now, too.
    while (key != null) {
      Path directory = (Path) key.watchable();
      for (WatchEvent<?> event : key.pollEvents()) {
        if (event.context() instanceof Path name) {
          paths.add(directory.resolve(name));
        } else {
          all = true;
        }
      }
      if (!key.reset()) {
        watched.remove(directory);
      }
      key = service.poll();
    }
    return new Changes(all, paths);
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
