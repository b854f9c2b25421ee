package io.runledger.spool;

import io.runledger.config.FailPoint;
import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in a writer's directory that says how far its streams are acknowledged: one line per
 * topic, with topic, segment, position and a checksum of these. When it is lost or unreadable the
 * events are sent again, which changes nothing; a position that is too large would lose events.
 */
public final class Acknowledgements {

  private static final Logger LOG = LoggerFactory.getLogger(Acknowledgements.class);
  private static final String FILE = "acknowledged";

  /** Far more than four lines take. */
  private static final int MOST_BYTES = 4_096;

  private Acknowledgements() {}

  /**
   * A place in a stream: bytes before it in its segment, and all earlier segments, are
   * acknowledged.
   */
  public record Place(int segment, long position) {}

  public static Map<Topics, Place> read(Path writer) throws IOException {
    Map<Topics, Place> places = new EnumMap<>(Topics.class);
    for (Topics topic : Topics.values()) {
      places.put(topic, new Place(1, 0));
    }
    Path file = writer.resolve(FILE);
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) <= MOST_BYTES) {
      String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      Map<Topics, Place> noted = parsed(text);
      if (noted.size() != Topics.values().length) {
        LOG.warn("{} is unreadable; its writer's events are sent once more.", file);
      }
      places.putAll(noted);
    }
    return places;
  }

  /** The lines whose checksum is right. */
  private static Map<Topics, Place> parsed(String text) {
    Map<Topics, Place> places = new EnumMap<>(Topics.class);
    for (Topics topic : Topics.values()) {
      Matcher line =
          Pattern.compile(
                  "(?m)^("
                      + SpoolDirectory.prefix(topic)
                      + " ([0-9]{1,9}) ([0-9]{1,18})) ([0-9a-f]+)$")
              .matcher(text);
      if (line.find() && checksum(line.group(1)).equals(line.group(4))) {
        places.put(
            topic, new Place(Integer.parseInt(line.group(2)), Long.parseLong(line.group(3))));
      }
    }
    return places;
  }

  static String checksum(String line) {
    CRC32C checksum = new CRC32C();
    checksum.update(line.getBytes(StandardCharsets.US_ASCII));
    return Long.toHexString(checksum.getValue());
  }

  public static void delete(Path writer) throws IOException {
    Files.deleteIfExists(writer.resolve(FILE));
    Files.deleteIfExists(writer.resolve(FILE + ".new"));
  }

  /** When the note was last written, by the disk's clock. */
  public static Instant writtenAt(Path writer) throws IOException {
    return Files.getLastModifiedTime(writer.resolve(FILE)).toInstant();
  }

  private static String line(Topics topic, Place place) {
    String line =
        "%s %d %d".formatted(SpoolDirectory.prefix(topic), place.segment(), place.position());
    return line + " " + checksum(line) + "\n";
  }

  public static void write(Path writer, Map<Topics, Place> places) throws IOException {
    String lines =
        places.entrySet().stream()
            .map(place -> line(place.getKey(), place.getValue()))
            .collect(Collectors.joining());
    replace(writer.resolve(FILE), lines);
  }

  /** Replaces a note atomically. */
  static void replace(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    // a link or a pipe that lies there must be neither followed nor waited for
    Files.deleteIfExists(fresh);
    Files.createFile(fresh, PrivateFiles.FILE);
    Files.writeString(fresh, text, StandardCharsets.UTF_8);
    FailPoint.hit("progress-written");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
