package io.runledger.service.follow;

import io.runledger.service.spool.FileReader;
import io.runledger.service.spool.LinesFileReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that are open, by name, so that what is known of their lines is not read again when
 * they grow. Where there are too many, those are closed that were not asked for the longest. Not
 * thread-safe.
 */
final class OpenFiles implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

  private static final int MOST = 512;

  /**
   * An open file.
   *
   * @param partition what its marker amounts to
   */
  record Open(FileReader reader, int partition) {}

  private final Map<String, Open> files = new LinkedHashMap<>(16, 0.75f, true);

  boolean contains(String name) {
    return files.containsKey(name);
  }

  /** The file of a name, unless it was replaced or shortened since. */
  Optional<Open> find(String name) throws IOException {
    Open known = files.get(name);
    return known != null && known.reader().isStillTheFile() ? Optional.of(known) : Optional.empty();
  }

  void add(String name, Open file) throws IOException {
    Iterator<Open> oldest = files.values().iterator();
    while (files.size() >= MOST) {
      Open closing = oldest.next();
      oldest.remove();
      closing.reader().close();
    }
    files.put(name, file);
  }

  /** Closes a file, if it is open. */
  void forget(String name) throws IOException {
    Open closing = files.remove(name);
    if (closing != null) {
      closing.reader().close();
    }
  }

  /** The files of lines among them. */
  List<LinesFileReader> lines() {
    List<LinesFileReader> lines = new ArrayList<>();
    for (Open each : files.values()) {
      if (each.reader() instanceof LinesFileReader reader) {
        lines.add(reader);
      }
    }
    return lines;
  }

  @Override
  public void close() {
    for (Open each : files.values()) {
      try {
        each.reader().close();
      } catch (IOException e) {
        LOG.debug("Cannot close a file of the spool.", e);
      }
    }
    files.clear();
  }
}
