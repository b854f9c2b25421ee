package io.runledger.client;

import io.runledger.config.FailPoint;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in a writer's directory that says how far its streams are acknowledged: a line a topic
 * with topic, segment and position. When it is lost or unreadable the events are sent again, which
 * changes nothing.
 */
final class Acknowledgements {

  private static final Logger log = LoggerFactory.getLogger(Acknowledgements.class);
  private static final String FILE = "acknowledged";

  private Acknowledgements() {}

  static Map<Topics, StreamCursor.Place> read(Path writer) throws IOException {
    Map<Topics, StreamCursor.Place> places = new EnumMap<>(Topics.class);
    for (Topics topic : Topics.values()) {
      places.put(topic, new StreamCursor.Place(1, 0));
    }
    try {
      for (String line : Files.readAllLines(writer.resolve(FILE))) {
        String[] words = line.split(" ", -1);
        places.put(
            Topics.valueOf(words[0].toUpperCase(Locale.ROOT)),
            new StreamCursor.Place(Integer.parseInt(words[1]), Long.parseLong(words[2])));
      }
    } catch (NoSuchFileException nothingAcknowledged) {
      return places;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      log.warn("{} is unreadable; its writer's events are sent once more.", writer.resolve(FILE));
    }
    return places;
  }

  static void delete(Path writer) throws IOException {
    Files.deleteIfExists(writer.resolve(FILE));
    Files.deleteIfExists(writer.resolve(FILE + ".new"));
  }

  static void write(Path writer, Collection<StreamCursor> cursors) throws IOException {
    String lines =
        cursors.stream()
            .map(
                cursor ->
                    "%s %d %d\n"
                        .formatted(
                            SpoolDirectory.prefix(cursor.topic()),
                            cursor.acknowledged().segment(),
                            cursor.acknowledged().position()))
            .collect(Collectors.joining());
    Path fresh = writer.resolve(FILE + ".new");
    Files.writeString(fresh, lines, StandardCharsets.UTF_8);
    FailPoint.hit("progress-written");
    Files.move(fresh, writer.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }
}
