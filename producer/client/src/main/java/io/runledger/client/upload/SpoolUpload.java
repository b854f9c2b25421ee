package io.runledger.client.upload;

import io.runledger.client.upload.UploadProgress.UnansweredException;
import io.runledger.files.HeldLocks;
import io.runledger.schemas.Topics;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.Observer;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Sends a spool to a server that takes events over HTTPS, file by file. Names and places are the
 * identity of events, so sending twice changes nothing. What the server has stored is removed as a
 * sender to a broker would remove it.
 */
public final class SpoolUpload {

  /**
   * What is held in memory.
   *
   * @param together bytes of lines that are sent together; about a tenth of it compressed
   * @param longestLine bytes; the server takes no longer line than 32 MiB either
   * @param largestSegment bytes
   */
  record Limits(int together, int longestLine, long largestSegment) {

    static final Limits OF_A_VERB = new Limits(4 << 20, 32 << 20, 60L << 20);

    /** The heap is the training's, or that of the process beside it, which has 96 MB. */
    static final Limits IN_A_JOB = new Limits(512 << 10, 2 << 20, 16L << 20);
  }

  /**
   * A segment that was sent and is left in its place.
   *
   * @param bytes its size then
   * @param isWhole whether all of its bytes were events
   */
  record Kept(long bytes, boolean isWhole) {}

  private final Path spool;
  private final Limits limits;
  private final Function<Path, Optional<SpoolWriter>> own;
  private final Map<Path, Kept> kept;
  private final boolean keeps;
  private final UploadProgress progress;

  /**
   * An upload of what is in a spool by now.
   *
   * @param endNanos until when an answer is waited for, by {@link System#nanoTime}
   * @param own the writer of this process that appends to a directory of the spool, if there is one
   * @param kept what was sent and stays, by an earlier upload or by this
   */
  SpoolUpload(
      Path spool,
      GatewayClient client,
      long endNanos,
      Limits limits,
      Function<Path, Optional<SpoolWriter>> own,
      Map<Path, Kept> kept) {
    this.spool = spool;
    this.progress = new UploadProgress(client, endNanos);
    this.limits = limits;
    this.own = own;
    this.kept = kept;
    this.keeps = FollowedSpool.keeps(spool);
  }

  /**
   * Sends all there is now.
   *
   * @param server its address, such as {@code https://ledger.example.org/}
   * @param token what it demands; empty where it demands nothing
   * @param atMost how long to try
   * @throws IllegalArgumentException when the address cannot be used
   * @throws IOException when the spool cannot be read
   */
  public static UploadReport send(Path spool, URI server, Optional<String> token, Duration atMost)
      throws IOException, InterruptedException {
    return send(spool, new Destination.Server(server, token), atMost);
  }

  /** As above, to a server whose address can be used. */
  public static UploadReport send(Path spool, Destination.Server server, Duration atMost)
      throws IOException, InterruptedException {
    try (GatewayClient client = new GatewayClient(server)) {
      return new SpoolUpload(
              spool,
              client,
              System.nanoTime() + atMost.toNanos(),
              Limits.OF_A_VERB,
              directory -> Optional.empty(),
              new HashMap<>())
          .run();
    }
  }

  UploadReport run() throws IOException, InterruptedException {
    try {
      each(SpoolDirectory.writers(spool), this::writer);
      // What was observed of processes that are gone is in writers of its own.
      each(SpoolDirectory.writers(spool), this::writer);
      each(
          SpoolDirectory.jsonLines(spool),
          lines -> new LinesUpload(lines, keeps, limits, progress).run());
    } catch (UnansweredException e) {
      progress.fail(e.getMessage());
    }
    return progress.report();
  }

  private interface Upload {
    void of(Path source) throws IOException, InterruptedException, UnansweredException;
  }

  private void each(List<Path> sources, Upload upload)
      throws InterruptedException, UnansweredException {
    for (Path source : sources) {
      try {
        upload.of(source);
      } catch (IOException e) {
        // The others are not affected.
        progress.fail("%s cannot be read: %s".formatted(source.getFileName(), e));
      }
    }
  }

  private void writer(Path directory)
      throws IOException, InterruptedException, UnansweredException {
    String name = directory.getFileName().toString();
    Optional<HeldLocks.Held> lock;
    try {
      lock = progress.take(directory.resolve(SpoolDirectory.SENDER_LOCK));
    } catch (NoSuchFileException sentMeanwhile) {
      return;
    }
    if (lock.isEmpty()) {
      progress.waits(name + " waits: another sender serves it.");
      return;
    }
    boolean isDone = false;
    HeldLocks.Held held = lock.get();
    try (held) {
      isDone = hasArrived(directory, name) && !keeps;
      if (isDone) {
        for (String left : List.of("acknowledged", "process", "reserve", SpoolWriter.LOCK_FILE)) {
          Files.deleteIfExists(directory.resolve(left));
        }
      }
    }
    if (isDone) {
      Files.deleteIfExists(directory.resolve(SpoolDirectory.SENDER_LOCK));
      remove(directory, name);
    }
  }

  private void remove(Path directory, String name) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException e) {
      progress.waits(name + " has files that are not of the spool, and is left.");
    }
  }

  private boolean hasArrived(Path directory, String name)
      throws IOException, InterruptedException, UnansweredException {
    boolean isWritten = isBeingWritten(directory);
    boolean isAlive = !keeps && !isWritten && Observer.look(directory) == Observer.Sight.ALIVE;
    boolean hasAll =
        segments(directory, name, isWritten ? own.apply(directory) : Optional.empty(), isWritten);
    if (isWritten) {
      progress.waits(name + " waits: its process is still writing; send it when that has ended.");
    } else if (isAlive) {
      progress.waits(name + " waits: the process that it is of is still alive.");
    }
    return hasAll && !isWritten && !isAlive;
  }

  private static boolean isBeingWritten(Path directory) throws IOException {
    try {
      return HeldLocks.isHeld(directory.resolve(SpoolWriter.LOCK_FILE));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Sends those that do not grow any more; returns whether all of these have arrived.
   *
   * @param writer the writer of this process that they are of
   * @param isWritten whether this or another process is writing the last of each topic
   */
  private boolean segments(
      Path directory, String name, Optional<SpoolWriter> writer, boolean isWritten)
      throws IOException, InterruptedException, UnansweredException {
    boolean hasAll = true;
    for (Topics topic : Topics.values()) {
      NavigableMap<Integer, Path> segments = SpoolDirectory.segments(directory, topic);
      if (isWritten && !segments.isEmpty()) {
        Predicate<Path> mayGrow =
            writer
                .<Predicate<Path>>map(
                    ours -> segment -> ours.appendsTo(segment.getFileName().toString()))
                .orElse(segments.lastEntry().getValue()::equals);
        segments.values().removeIf(mayGrow);
      }
      for (Path segment : segments.values()) {
        hasAll &= segment(segment, name + "/" + segment.getFileName());
      }
    }
    return hasAll;
  }

  private boolean segment(Path segment, String file)
      throws IOException, InterruptedException, UnansweredException {
    long size = Files.size(segment);
    Kept known = kept.get(segment);
    if (known != null && known.bytes() == size) {
      return known.isWhole();
    }
    if (size > limits.largestSegment()) {
      progress.fail(
          limits.equals(Limits.OF_A_VERB)
              ? file + " is too large to be sent over HTTP; send it to a broker."
              : file + " is too large to be sent by a job; 'runledger sync' sends it.");
      return false;
    }
    GatewayClient.Answer answer = progress.send(file, 0, Files.readAllBytes(segment));
    if (!answer.isTaken()) {
      progress.fail("%s was refused: %s".formatted(file, answer.sentence()));
      return false;
    }
    progress.fileIsThere();
    long damaged = answer.body().path("damaged_bytes").asLong();
    if (damaged > 0) {
      progress.fail(
          "%s arrived with %,d bytes that are no events, and is left.".formatted(file, damaged));
      kept.put(segment, new Kept(size, false));
      return false;
    }
    if (keeps) {
      kept.put(segment, new Kept(size, true));
    } else {
      Files.deleteIfExists(segment);
    }
    return true;
  }
}
