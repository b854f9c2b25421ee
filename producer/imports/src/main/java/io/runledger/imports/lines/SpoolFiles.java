package io.runledger.imports.lines;

import io.runledger.schemas.Base32;
import io.runledger.schemas.Sha256;
import io.runledger.spool.SpoolDirectory;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Puts imported lines into a spool, as files of lines. A file has the lines of one writer, of one
 * or more runs, and is called
 *
 * <pre>import-KIND-(16 hex digits of the SHA-256 of its bytes).jsonl</pre>
 *
 * so that a source that has not changed since gives files that are there already, and those are not
 * written again. A file gets its name when it is complete; until then it is called {@code
 * .importing-*}, which no sender looks at. Not thread-safe.
 */
public final class SpoolFiles implements LineSink, AutoCloseable {

  /** Lines after which a file takes no further run: when a source grows, its last file is new. */
  private static final long FULL = 50_000;

  /** A job may have 1,024 descriptors. */
  private static final int MOST_OPEN = 200;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final byte[] END = "{\"end\":true}\n".getBytes(StandardCharsets.UTF_8);

  private final Path spool;
  private final String kind;
  private final Map<Long, Part> open = new LinkedHashMap<>();
  private final Set<Long> finished = new HashSet<>();
  private long writtenLines;
  private long knownLines;
  private long files;

  /** A file that is not complete yet. */
  private static final class Part {
    private final Path path;
    private final FileChannel channel;
    private final OutputStream out;
    private final MessageDigest digest = Sha256.begin();
    private String owner = "";
    private long lines;

    Part(Path path) throws IOException {
      this.path = path;
      this.channel = FileChannel.open(path, StandardOpenOption.WRITE);
      this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
    }

    void write(byte[] bytes) throws IOException {
      digest.update(bytes);
      out.write(bytes);
    }
  }

  /**
   * Prepares to write; the directory is created when it is missing.
   *
   * @param kind the word of the kind, which is a part of the files' names
   */
  public SpoolFiles(Path spool, String kind) throws IOException {
    this.spool = spool;
    this.kind = kind;
    SpoolDirectory.createPrivate(spool);
  }

  @Override
  public void append(long writer, SourceRun run, String body) throws IOException {
    Part part = open.get(writer);
    if (part == null) {
      makeRoom();
      part = new Part(Files.createTempFile(spool, ".importing-", ".tmp"));
      open.put(writer, part);
    }
    finished.remove(writer);
    StringBuilder line = new StringBuilder(body.length() + 120).append('{');
    if (part.lines == 0) {
      line.append("\"writer_id\":\"").append(Base32.encode(writer)).append("\",");
    }
    String owner = run.owner();
    // A start names its run itself, but an attempt only by what stands next to it.
    if (!owner.equals(part.owner) || body.contains("\"start\":")) {
      line.append(owner).append(',');
      part.owner = owner;
    }
    line.append(body).append("}\n");
    part.write(line.toString().getBytes(StandardCharsets.UTF_8));
    part.lines++;
  }

  private void makeRoom() throws IOException {
    Iterator<Long> candidates = finished.iterator();
    while (open.size() >= MOST_OPEN && candidates.hasNext()) {
      long writer = candidates.next();
      candidates.remove();
      complete(open.remove(writer));
    }
  }

  @Override
  public void finished(long writer) throws IOException {
    Part part = open.get(writer);
    if (part == null) {
      return;
    }
    if (part.lines >= FULL) {
      complete(open.remove(writer));
    } else {
      finished.add(writer);
    }
  }

  @Override
  public void runEnded() throws IOException {
    for (Long writer : Set.copyOf(open.keySet())) {
      finished(writer);
    }
  }

  private void complete(Part part) throws IOException {
    try (FileChannel channel = part.channel) {
      part.write(END);
      part.out.flush();
      channel.force(true);
    }
    String digest = HexFormat.of().formatHex(part.digest.digest(), 0, 8);
    Path file = spool.resolve("import-" + kind + "-" + digest + ".jsonl");
    try {
      Files.move(part.path, file);
      writtenLines += part.lines;
      files++;
    } catch (FileAlreadyExistsException same) {
      Files.delete(part.path);
      knownLines += part.lines;
    }
  }

  /** Completes all files. */
  public void complete() throws IOException {
    for (Long writer : Set.copyOf(open.keySet())) {
      complete(open.remove(writer));
    }
    finished.clear();
  }

  /** Lines of files that were not in the spool yet. */
  public long writtenLines() {
    return writtenLines;
  }

  /** Lines of files that were in the spool already. */
  public long knownLines() {
    return knownLines;
  }

  /** Files that were not in the spool yet. */
  public long files() {
    return files;
  }

  /** Removes what is not complete, because the import was given up. */
  @Override
  public void close() throws IOException {
    for (Part part : open.values()) {
      part.channel.close();
      Files.deleteIfExists(part.path);
    }
    open.clear();
  }
}
