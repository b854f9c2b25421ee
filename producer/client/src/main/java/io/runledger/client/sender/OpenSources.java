package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.files.FullDisk;
import io.runledger.spool.Descriptors;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writers of a spool that a sender has open: at most as many as it has places. A writer in
 * which nothing waits gives its place to the next, and is reopened when it has grown. This
 * process's own writers are always open. Not thread-safe.
 */
final class OpenSources {

  private static final Logger LOG = LoggerFactory.getLogger(OpenSources.class);

  /** How many writers are known at a time, so that the memory for them is bounded as well. */
  private static final int MOST_PENDING = 4_096;

  private static final int MOST_PARKED = 1_024;
  private static final int MOST_RESTING = 65_536;

  /** That a writer is dead shows in its lock, not in its size. */
  private static final Duration LOOK_AGAIN_WRITER = Duration.ofSeconds(30);

  private static final Duration LOOK_AGAIN_LINES = Duration.ofHours(1);
  private static final Duration LOOK_AGAIN_SERVED = Duration.ofSeconds(5);

  /** A writer of which all is sent, or which another sender serves. */
  private static final class Resting {
    private final Optional<SpoolSource> parked;
    private final long size;
    private final long lookAgain;
    private boolean seen = true;

    Resting(Optional<SpoolSource> parked, long size, Duration rest) {
      this.parked = parked;
      this.size = size;
      this.lookAgain = System.nanoTime() + rest.toNanos();
    }

    boolean isDue(SpoolDirectory.Entry entry) throws IOException {
      return System.nanoTime() - lookAgain >= 0 || (size >= 0 && entry.size() != size);
    }
  }

  private final Path spool;
  private final Configuration configuration;
  private final SkippedWriters unserved;
  private final Undelivered undelivered;
  private final int places;
  private final Map<Path, SpoolSource> open = new LinkedHashMap<>();
  private final Set<Path> ours = new HashSet<>();
  private final Set<Path> idle = new HashSet<>();
  private final Deque<SpoolDirectory.Entry> pending = new ArrayDeque<>();
  private final Map<Path, Resting> resting = new LinkedHashMap<>();
  private int parkedCount;
  private boolean isMore;
  private boolean isShort;
  private boolean isUnnoted;

  /**
   * Of a spool.
   *
   * @param places how many writers of other processes may be open at a time
   */
  OpenSources(
      Path spool,
      Configuration configuration,
      SkippedWriters unserved,
      Undelivered undelivered,
      int places) {
    this.spool = spool;
    this.configuration = configuration;
    this.unserved = unserved;
    this.undelivered = undelivered;
    this.places = places;
  }

  /** Scans what is in the spool now. */
  void look() throws IOException {
    List<SpoolDirectory.Entry> found = new ArrayList<>();
    List<Path> foreign = new ArrayList<>(1);
    long[] foreigners = {0};
    isMore = false;
    isShort = false;
    resting.values().forEach(each -> each.seen = false);
    SpoolDirectory.forEach(
        spool,
        entry -> {
          if (!entry.isOurs()) {
            foreigners[0]++;
            if (foreign.isEmpty()) {
              foreign.add(entry.path());
            }
          } else if (isDue(entry)) {
            if (entry.isWriter() && WriterDirectory.isWrittenHere(entry.path())) {
              ours.add(entry.path());
              take(entry);
            } else if (found.size() < MOST_PENDING) {
              found.add(entry);
            } else {
              isMore = true;
            }
          }
        });
    forgetVanished();
    undelivered.foreign(foreigners[0], foreign.stream().findFirst());
    found.sort(
        Comparator.comparing((SpoolDirectory.Entry entry) -> !entry.isWriter())
            .thenComparing(SpoolDirectory.Entry::path));
    pending.clear();
    pending.addAll(found);
  }

  private boolean isDue(SpoolDirectory.Entry entry) {
    Path path = entry.path();
    if (open.containsKey(path)) {
      return false;
    }
    try {
      Resting rests = resting.get(path);
      if (rests != null) {
        rests.seen = true;
        return rests.isDue(entry);
      }
      return !unserved.skips(path);
    } catch (IOException gone) {
      return false;
    }
  }

  private void forgetVanished() {
    Iterator<Resting> all = resting.values().iterator();
    while (all.hasNext()) {
      Resting each = all.next();
      if (!each.seen) {
        parkedCount -= each.parked.isPresent() ? 1 : 0;
        all.remove();
      }
    }
  }

  /** Opens what is to be sent, as far as there are places. */
  void fill() {
    while (!pending.isEmpty() && (open.size() - ours.size() < places || parkOne())) {
      take(pending.remove());
    }
  }

  private void take(SpoolDirectory.Entry entry) {
    Path path = entry.path();
    try {
      Optional<? extends SpoolSource> source = opened(entry);
      if (source.isPresent()) {
        open.put(path, source.get());
      } else {
        rest(path, new Resting(Optional.empty(), -1, LOOK_AGAIN_SERVED));
      }
      unserved.remove(path);
    } catch (IOException | RuntimeException e) {
      fail(path, e);
    }
  }

  private Optional<? extends SpoolSource> opened(SpoolDirectory.Entry entry) throws IOException {
    Resting before = resting.remove(entry.path());
    if (before != null && before.parked.isPresent()) {
      parkedCount--;
      SpoolSource parked = before.parked.get();
      return parked.resume() ? Optional.of(parked) : Optional.empty();
    }
    return entry.isWriter()
        ? WriterDirectory.open(entry.path(), undelivered)
        : JsonLinesFile.open(entry.path(), configuration, undelivered);
  }

  /** Frees the place of a writer in which nothing waits; returns whether there was one. */
  private boolean parkOne() {
    for (SpoolSource source : open.values()) {
      if (idle.contains(source.path()) && !ours.contains(source.path())) {
        park(source);
        return true;
      }
    }
    return false;
  }

  private void park(SpoolSource source) {
    Path path = source.path();
    forget(source);
    try {
      boolean isWriter = source instanceof WriterDirectory;
      long size = source.park();
      boolean isKept = parkedCount < MOST_PARKED;
      parkedCount += isKept ? 1 : 0;
      rest(
          path,
          new Resting(
              isKept ? Optional.of(source) : Optional.empty(),
              size,
              isWriter ? LOOK_AGAIN_WRITER : LOOK_AGAIN_LINES));
    } catch (IOException | RuntimeException e) {
      close(source);
      fail(path, e);
    }
  }

  private void rest(Path path, Resting how) {
    if (resting.size() < MOST_RESTING) {
      resting.put(path, how);
    }
  }

  private void fail(Path path, Exception cause) {
    ours.remove(path);
    if (!Descriptors.areScarce()) {
      unserved.add(path, cause);
      return;
    }
    rest(path, new Resting(Optional.empty(), -1, LOOK_AGAIN_SERVED));
    if (!isShort) {
      isShort = true;
      LOG.warn(
          "This process has nearly reached its limit of open files ({}); the spool {} waits until it may open more.",
          cause.toString(),
          spool);
    }
  }

  /** Those that are open, longest first. */
  List<SpoolSource> all() {
    return List.copyOf(open.values());
  }

  /** Whether some writers wait for a place, or were not even looked at. */
  boolean isWaiting() {
    return isMore || isShort || !pending.isEmpty();
  }

  /** Whether the next look is due as soon as possible. */
  boolean isMoreThere() {
    return isMore && pending.isEmpty();
  }

  /** Notes whether something waits in it. */
  void setIdle(SpoolSource source, boolean isIdle) {
    if (isIdle) {
      idle.add(source.path());
    } else {
      idle.remove(source.path());
    }
  }

  /** Removes a source of which all is sent and nothing will follow. */
  void remove(SpoolSource source) throws IOException {
    forget(source);
    source.remove();
    Path path = source.path();
    if (FollowedSpool.keeps(spool) && Files.exists(path)) {
      boolean isWriter = source instanceof WriterDirectory;
      long size = isWriter ? SpoolDirectory.bytes(path) : Files.size(path);
      rest(path, new Resting(Optional.empty(), size, LOOK_AGAIN_LINES));
    }
  }

  /**
   * Skips a source that cannot be read or has an event that cannot be sent; the others are not
   * affected.
   */
  void drop(SpoolSource source, Exception cause) {
    forget(source);
    close(source);
    fail(source.path(), cause);
  }

  private void forget(SpoolSource source) {
    open.remove(source.path());
    ours.remove(source.path());
    idle.remove(source.path());
  }

  void saveProgress() {
    open.values().forEach(this::saveProgress);
  }

  void close() {
    open.values().forEach(this::close);
  }

  private void close(SpoolSource source) {
    saveProgress(source);
    try {
      source.close();
    } catch (IOException e) {
      LOG.warn("{} could not be closed.", source.path(), e);
    }
  }

  private void saveProgress(SpoolSource source) {
    try {
      source.saveProgress();
    } catch (IOException e) {
      // A full disk, say; sending on is what makes room on it.
      if (!isUnnoted) {
        isUnnoted = true;
        LOG.warn(
            "Cannot record how much of {} has been sent ({}); it may be sent again, and counts once.{}",
            source.path(),
            e.getMessage(),
            FullDisk.isCauseOf(e) ? " " + FullDisk.REMEDY : "");
      }
    }
  }
}
