package io.runledger.gateway.intake;

import io.runledger.files.PrivateFiles;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names of batches with lines that were refused, in a file. An event has an identity, and comes
 * again without harm; a line that could not be read has none, and would be a dead letter each time.
 * For one thread at a time.
 */
final class RefusedBatches {

  /** The newest; 5 MB of a file. */
  private static final int MOST = 100_000;

  private static final Pattern NAME = Pattern.compile("batch-[0-9a-f]{32}\\.jsonl");

  private final Path file;
  private final Set<String> names = new LinkedHashSet<>();
  private boolean isLoaded;

  RefusedBatches(Path file) {
    this.file = file;
  }

  /** Whether it was taken before. */
  boolean contains(String name) throws IOException {
    load();
    return names.contains(name);
  }

  /** Remembers a batch that is stored. */
  void add(String name) throws IOException {
    load();
    if (names.add(name)) {
      Files.writeString(file, name + "\n", StandardCharsets.US_ASCII, StandardOpenOption.APPEND);
    }
    if (names.size() > 2 * MOST) {
      rewrite();
    }
  }

  private void load() throws IOException {
    if (isLoaded) {
      return;
    }
    SpoolDirectory.createPrivate(file.getParent());
    try {
      Files.createFile(file, PrivateFiles.FILE);
    } catch (FileAlreadyExistsException e) {
      // All but the first time.
    }
    Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
        .filter(line -> NAME.matcher(line).matches())
        .forEach(names::add);
    // A torn last line would spoil the one behind it.
    rewrite();
    isLoaded = true;
  }

  private void rewrite() throws IOException {
    List<String> newest = names.stream().skip(Math.max(0, names.size() - MOST)).toList();
    names.clear();
    names.addAll(newest);
    Path written = Files.createTempFile(file.getParent(), "refused", ".new", PrivateFiles.FILE);
    try {
      Files.write(written, newest, StandardCharsets.US_ASCII);
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
