package io.runledger.spool.lines;

import io.runledger.schemas.Base32;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.EventsDropped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;

/**
 * Notifies a run that one of its events is in a sender's quarantine. A gap in the numbers would
 * show this only if later events came. The notice's writer id is derived from the event, so that it
 * counts once whoever sends it.
 */
public final class QuarantineNotice {

  private static final String REMEDY =
      " and kept in the spool's quarantine ('runledger sync --quarantined' sends it after the limit"
          + " was raised)";

  private QuarantineNotice() {}

  /** The notice of an event that the broker refused for its size. */
  public static SpecificRecord of(SpecificRecord refused) {
    Topics topic = Topics.of(refused);
    Envelope of = Envelope.of(refused);
    return notice(
        new RunId(of.run()),
        of.attempt(),
        Base32.encode(of.writer()) + " " + topic.name() + " " + of.seq(),
        of.at(),
        topic,
        "larger than max.message.bytes of topic " + topic.streamName() + REMEDY);
  }

  /** The notice of a line that is longer than any record may be. */
  static SpecificRecord ofLine(
      RunId run, long attempt, String file, long number, Instant at, Topics topic) {
    return notice(
        run,
        attempt,
        file + " " + number,
        at,
        topic,
        "line " + number + " of " + file + " is longer than record.max.bytes" + REMEDY);
  }

  private static SpecificRecord notice(
      RunId run, long attempt, String name, Instant at, Topics topic, String reason) {
    long writer = new LineDigest("quarantined", name.getBytes(StandardCharsets.UTF_8)).id(at);
    return new Envelope(run.value(), attempt, writer, 0L, at)
        .runEvent(new EventsDropped(topic.streamName(), 1L, reason));
  }
}
