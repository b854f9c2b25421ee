package io.runledger.service.spool;

import io.runledger.schemas.Topics;
import io.runledger.service.log.PositionCheck;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolDirectory.Entry;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which files a followed spool has. Not thread-safe. */
public final class SpoolFiles {

  private static final Logger LOG = LoggerFactory.getLogger(SpoolFiles.class);

  private final Path spool;
  private final String clusterId;
  private boolean foreignTold;

  private SpoolFiles(Path spool, String clusterId) {
    this.spool = spool;
    this.clusterId = clusterId;
  }

  /** Of a spool that is followed from now on; its directory is created if need be. */
  public static SpoolFiles of(Path spool) throws IOException {
    Path directory = spool.toAbsolutePath().normalize();
    return new SpoolFiles(directory, PositionCheck.SPOOL + FollowedSpool.follow(directory));
  }

  public Path directory() {
    return spool;
  }

  /** Whether the directory is still this spool: it may have been removed, and created again. */
  public boolean isThere() throws IOException {
    return FollowedSpool.id(spool)
        .map(id -> PositionCheck.SPOOL + id)
        .equals(Optional.of(clusterId));
  }

  /** What stands for the cluster of Kafka in the positions of its files. */
  public String clusterId() {
    return clusterId;
  }

  /** Shows all files, in any order, those that were moved to an archive as well. */
  public void forEach(Consumer<SpoolFile> each) throws IOException {
    for (Path archive : FollowedSpool.archives(spool)) {
      forEachIn(archive, each);
    }
    forEachHere(each);
  }

  /** Shows all files that are in the spool itself, in any order. */
  public void forEachHere(Consumer<SpoolFile> each) throws IOException {
    forEachIn(spool, each);
  }

  private void forEachIn(Path directory, Consumer<SpoolFile> each) throws IOException {
    List<Path> writers = new ArrayList<>();
    SpoolDirectory.forEach(
        directory,
        entry -> {
          if (!entry.isOurs()) {
            tellOfForeign(entry);
          } else if (entry.isWriter()) {
            writers.add(entry.path());
          } else {
            lines(entry.path()).ifPresent(each);
          }
        });
    for (Path writer : writers) {
      forEachSegment(writer, each);
    }
  }

  /** The file with this name, here or in an archive. */
  public Optional<SpoolFile> find(String name) throws IOException {
    Optional<SpoolFile> here = find(spool, name);
    Iterator<Path> archives = FollowedSpool.archives(spool).iterator();
    while (here.isEmpty() && archives.hasNext()) {
      here = find(archives.next(), name);
    }
    return here;
  }

  private Optional<SpoolFile> find(Path directory, String name) {
    Path path = directory.resolve(name);
    return name.endsWith(".jsonl") ? lines(path) : segment(path);
  }

  /** The directories of all writers. */
  public List<Path> writers() throws IOException {
    return SpoolDirectory.writers(spool);
  }

  /** A writer's directory or a file of lines in the spool; empty for what belongs to others. */
  public Optional<Entry> source(Path path) {
    Optional<Entry> found = SpoolDirectory.source(path);
    found.filter(entry -> !entry.isOurs()).ifPresent(this::tellOfForeign);
    return found.filter(Entry::isOurs);
  }

  private void tellOfForeign(Entry entry) {
    if (!foreignTold) {
      foreignTold = true;
      LOG.warn(
          "{} belongs to another user and is not read; each user follows their own spool.",
          entry.path());
    }
  }

  /** Shows the segments of one writer. */
  public void forEachSegment(Path writer, Consumer<SpoolFile> each) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(writer)) {
      for (Path file : files) {
        segment(file).ifPresent(each);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** The file of lines with this path, if it is one. */
  public Optional<SpoolFile> lines(Path path) {
    return file(path, Optional.empty());
  }

  /** The segment with this path, if it is one. */
  public Optional<SpoolFile> segment(Path path) {
    return SpoolDirectory.topicOf(path.getFileName().toString())
        .flatMap(topic -> file(path, Optional.of(topic)));
  }

  private Optional<SpoolFile> file(Path path, Optional<Topics> topic) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isRegularFile()
          ? Optional.of(
              new SpoolFile(
                  path,
                  nameOf(path, topic),
                  topic,
                  found.size(),
                  found.lastModifiedTime().toInstant()))
          : Optional.empty();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static String nameOf(Path path, Optional<Topics> topic) {
    String file = path.getFileName().toString();
    return topic.isEmpty() ? file : path.getParent().getFileName() + "/" + file;
  }
}
