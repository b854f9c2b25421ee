package io.runledger.wheel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * A wheel in memory: a zip of files in the order of their names, with their sums in RECORD at the
 * end. The format is that of <a
 * href="https://packaging.python.org/en/latest/specifications/binary-distribution-format/">the
 * Python Packaging Authority</a>. Not thread-safe.
 */
final class Wheel {

  /** Any Python 3 on any platform. */
  static final String TAG = "py3-none-any";

  private static final int FILE = 0100644;
  private static final int PROGRAM = 0100755;

  private final String name;
  private final SortedMap<String, Content> files = new TreeMap<>();
  private final SortedMap<String, Content> information = new TreeMap<>();
  private final List<String> licences = new ArrayList<>();

  private static final class Content {
    private final byte[] bytes;
    private final int mode;

    Content(byte[] bytes, int mode) {
      this.bytes = bytes;
      this.mode = mode;
    }
  }

  /**
   * @param name name and version, with a hyphen between them
   */
  Wheel(String name) {
    this.name = name;
  }

  /** Adds the chosen files below a directory, under names that begin with {@code prefix}. */
  void addTree(Path directory, String prefix, Predicate<Path> chosen) throws IOException {
    try (Stream<Path> walked = Files.walk(directory)) {
      for (Path file : walked.filter(Files::isRegularFile).toList()) {
        Path path = directory.relativize(file);
        if (chosen.test(path)) {
          add(
              files,
              prefix + path,
              new Content(Files.readAllBytes(file), Files.isExecutable(file) ? PROGRAM : FILE));
        }
      }
    }
  }

  /** Adds a program that pip installs on PATH, as it is. */
  void addScript(String script, String text) {
    add(files, name + ".data/scripts/" + script, new Content(bytes(text), PROGRAM));
  }

  /** Adds files that pip installs below the prefix of the Python, as other programs do. */
  void addShared(Path directory, String prefix) throws IOException {
    addTree(directory, name + ".data/data/" + prefix, file -> true);
  }

  void addLicence(String licence, Path text) throws IOException {
    add(information, "licenses/" + licence, new Content(Files.readAllBytes(text), FILE));
    licences.add(licence);
  }

  /** The names of the licences that were added. */
  List<String> licences() {
    return List.copyOf(licences);
  }

  void addInformation(String file, String text) {
    add(information, file, new Content(bytes(text), FILE));
  }

  private static void add(SortedMap<String, Content> to, String path, Content content) {
    if (path.matches("(?s).*[,\"\\\\\\p{Cntrl}].*")) {
      throw new IllegalArgumentException("RECORD would need quotes for the name " + path + ".");
    }
    if (to.put(path, content) != null) {
      throw new IllegalArgumentException("Two files have the name " + path + ".");
    }
  }

  /** Writes it whole or not at all, and returns its file. */
  Path write(Path directory, Instant time) throws IOException {
    SortedMap<String, Content> described = new TreeMap<>();
    information.forEach((file, content) -> described.put(name + ".dist-info/" + file, content));
    String record = name + ".dist-info/RECORD";
    Path wheel = directory.resolve(name + "-" + TAG + ".whl");
    Path unfinished = directory.resolve(wheel.getFileName() + ".unfinished");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(unfinished)) {
      StringBuilder sums = new StringBuilder();
      for (SortedMap<String, Content> part : List.of(files, described)) {
        for (Map.Entry<String, Content> each : part.entrySet()) {
          byte[] bytes = each.getValue().bytes;
          put(zip, each.getKey(), each.getValue(), time);
          sums.append("%s,sha256=%s,%d\n".formatted(each.getKey(), sum(bytes), bytes.length));
        }
      }
      sums.append(record).append(",,\n");
      put(zip, record, new Content(bytes(sums.toString()), FILE), time);
    }
    return Files.move(unfinished, wheel, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void put(ZipArchiveOutputStream zip, String path, Content content, Instant time)
      throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(path);
    entry.setUnixMode(content.mode);
    entry.setSize(content.bytes.length);
    // Jars are compressed.
    entry.setMethod(path.endsWith(".jar") ? ZipEntry.STORED : ZipEntry.DEFLATED);
    // A zip has the local time of whoever wrote it; ours is the same everywhere.
    entry.setTime(
        LocalDateTime.ofInstant(time, ZoneOffset.UTC)
            .atZone(ZoneId.systemDefault())
            .toInstant()
            .toEpochMilli());
    zip.putArchiveEntry(entry);
    zip.write(content.bytes);
    zip.closeArchiveEntry();
  }

  private static String sum(byte[] bytes) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256.", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
