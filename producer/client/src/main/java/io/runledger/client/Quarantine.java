package io.runledger.client;

import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a spool keeps what cannot be sent, for people to look at. */
final class Quarantine {

  private static final Logger log = LoggerFactory.getLogger(Quarantine.class);

  private Quarantine() {}

  /** The quarantine of the spool that a writer's directory or file lies in. */
  private static Path beside(Path writer) throws IOException {
    Path quarantine = writer.resolveSibling("quarantine");
    SpoolDirectory.createPrivate(quarantine);
    return quarantine;
  }

  /** Moves a file of a writer there; its new place. */
  static Path move(Path writer, Path file) throws IOException {
    Path to = beside(writer).resolve(writer.getFileName() + "-" + file.getFileName());
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
    }
    return to;
  }

  /** Keeps an event that the broker refused for its size, as a segment of its own. */
  static void keepRefused(Path writer, Topics topic, EventProducer.Sent refused)
      throws IOException {
    Path aside =
        beside(writer)
            .resolve(
                "%s-%s-refused-%d.avro"
                    .formatted(writer.getFileName(), SpoolDirectory.prefix(topic), refused.seq()));
    Files.deleteIfExists(aside);
    try (SegmentWriter segment = SegmentWriter.create(aside, topic.schema())) {
      segment.append(refused.record());
      segment.sync();
    }
    log.warn(
        "An event of {} is larger than the broker takes and was moved to {}; raise max.message.bytes"
            + " of topic {}. The run will show it as missing.",
        writer,
        aside,
        topic.topic());
  }

  /** Keeps a line that is too long to be sent. */
  static void keepLine(Path file, long number, byte[] line) throws IOException {
    Path aside = beside(file).resolve("%s-line-%d".formatted(file.getFileName(), number));
    Files.write(aside, line);
    log.warn(
        "Line {} of {} has {} bytes, more than record.max.bytes; it was put into {} and is not sent.",
        number,
        file,
        line.length,
        aside);
  }
}
