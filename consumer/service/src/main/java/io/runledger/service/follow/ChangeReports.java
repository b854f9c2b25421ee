package io.runledger.service.follow;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the operating system reports of directories, for all spools that this process follows: a
 * user gets few instances of what reports it (inotify: 128), and each costs a thread. Thread-safe.
 */
final class ChangeReports {

  private static Optional<ChangeReports> shared = Optional.empty();

  private final WatchService service;
  // Guarded by this.
  private final Map<WatchKey, Set<SpoolWatch>> watches = new HashMap<>();

  private ChangeReports(WatchService service) {
    this.service = service;
  }

  /**
   * The one of this process, which lives as long as that does.
   *
   * @throws IOException when the operating system gives no instance
   */
  static synchronized ChangeReports shared() throws IOException {
    if (shared.isEmpty()) {
      ChangeReports created = new ChangeReports(FileSystems.getDefault().newWatchService());
      Thread thread = new Thread(created::deliver, "runledger-changes");
      thread.setDaemon(true);
      thread.start();
      shared = Optional.of(created);
    }
    return shared.get();
  }

  /** Reports what is created or appended to in a directory. */
  synchronized WatchKey add(Path directory, SpoolWatch watch) throws IOException {
    WatchKey key =
        directory.register(
            service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
    watches.computeIfAbsent(key, none -> new HashSet<>()).add(watch);
    return key;
  }

  /** Reports it no more. */
  synchronized void remove(WatchKey key, SpoolWatch watch) {
    Set<SpoolWatch> others = watches.get(key);
    // None where the directory was removed meanwhile.
    if (others != null && others.remove(watch) && others.isEmpty()) {
      watches.remove(key);
      key.cancel();
    }
  }

  private void deliver() {
    try {
      while (true) {
        deliver(service.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Delivers all that has been reported by now at once: what was reported before something that is
   * seen here is in the queue, too.
   */
  private synchronized void deliver(WatchKey first) {
    Map<SpoolWatch, Set<Path>> changed = new HashMap<>();
    Set<SpoolWatch> overflowed = new HashSet<>();
    for (WatchKey key = first; key != null; key = service.poll()) {
      Path directory = (Path) key.watchable();
      Set<SpoolWatch> receivers = watches.getOrDefault(key, Set.of());
      for (WatchEvent<?> event : key.pollEvents()) {
        if (event.context() instanceof Path name) {
          Path path = directory.resolve(name);
          receivers.forEach(
              watch -> changed.computeIfAbsent(watch, none -> new HashSet<>()).add(path));
        } else {
          overflowed.addAll(receivers);
        }
      }
      if (!key.reset()) {
        watches.remove(key);
        receivers.forEach(watch -> watch.lost(directory));
      }
    }
    changed.forEach(SpoolWatch::changed);
    overflowed.forEach(SpoolWatch::overflowed);
  }
}
