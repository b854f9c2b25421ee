package io.runledger.client;

import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.SlurmJobObserved;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;

/**
 * Tells a run that an event of it is in a sender's quarantine. A gap in the numbers would show it
 * only if later events came. Its writer's id follows from the event, so that the news counts once
 * whoever brings it.
 */
final class QuarantineNotice {

  private static final String REMEDY =
      " and kept in the spool's quarantine ('runledger sync --quarantined' sends it after the limit"
          + " was raised)";

  private QuarantineNotice() {}

  /** The news of an event that the broker refused for its size. */
  static SpecificRecord of(EventProducer.Sent refused) {
    SpecificRecord event = refused.record();
    Envelope of = Envelope.of(event);
    String name = Base32.encode(of.writer()) + " " + refused.topic().name() + " " + refused.seq();
    return notice(
        new RunId(of.run()),
        of.attempt(),
        name,
        of.at(),
        refused.topic(),
        "larger than max.message.bytes of topic " + refused.topic().streamName() + REMEDY);
  }

  /** The news of a line that is longer than any record may be. */
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
    return new RunEvent(
        run.value(), attempt, writer, 0L, at, new EventsDropped(topic.streamName(), 1L, reason));
  }

  /** Whose event it is, and when it was. */
  private record Envelope(long run, long attempt, long writer, Instant at) {

    static Envelope of(SpecificRecord event) {
      if (event instanceof MetricsLogged metrics) {
        return new Envelope(
            metrics.getRunId(),
            metrics.getAttemptId(),
            metrics.getWriterId(),
            metrics.getRows().get(0).getAt());
      }
      if (event instanceof RunEvent run) {
        return new Envelope(run.getRunId(), run.getAttemptId(), run.getWriterId(), run.getAt());
      }
      if (event instanceof ErrorLogged error) {
        return new Envelope(
            error.getRunId(), error.getAttemptId(), error.getWriterId(), error.getAt());
      }
      SlurmJobObserved job = (SlurmJobObserved) event;
      return new Envelope(job.getRunId(), job.getAttemptId(), job.getWriterId(), job.getAt());
    }
  }
}
