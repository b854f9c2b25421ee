package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunEvent;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** A run learns of an event in quarantine once, whoever brings the news. */
class QuarantineNoticeTest {

  private static final Instant AT = Instant.parse("2026-11-29T00:00:00Z");

  private static SpecificRecord event(long seq) {
    return new Envelope(5, 6, 7, seq, AT)
        .runEvent(new RunAnnotated("notes", List.of(), List.of(), null));
  }

  @Test
  void theNewsIsOfTheSameRunAndAttemptAndSaysWhatToDo() {
    RunEvent news = (RunEvent) QuarantineNotice.of(event(8));

    assertThat(news.getRunId()).isEqualTo(5);
    assertThat(news.getAttemptId()).isEqualTo(6);
    assertThat(news.getAt()).isEqualTo(AT);
    EventsDropped dropped = (EventsDropped) news.getEvent();
    assertThat(dropped.getCount()).isEqualTo(1);
    assertThat(dropped.getReason())
        .startsWith("larger than max.message.bytes of topic runledger.runs")
        .contains("runledger sync --quarantined");
  }

  @Test
  void theNewsOfOneEventHasOneIdentityAndThatOfAnotherEventAnother() {
    Envelope first = Envelope.of(QuarantineNotice.of(event(8)));

    assertThat(Envelope.of(QuarantineNotice.of(event(8)))).isEqualTo(first);
    assertThat(Envelope.of(QuarantineNotice.of(event(9))).writer()).isNotEqualTo(first.writer());
    assertThat(first.writer()).isPositive().isNotEqualTo(7);
  }

  @Test
  void theNewsOfALineNamesItsFileAndNumber() {
    RunEvent news =
        (RunEvent)
            QuarantineNotice.ofLine(new RunId(5), 6, "node1-42.jsonl", 17, AT, Topics.METRICS);

    EventsDropped dropped = (EventsDropped) news.getEvent();
    assertThat(dropped.getReason())
        .startsWith("line 17 of node1-42.jsonl is longer than record.max.bytes");
    assertThat(Envelope.of(news).writer())
        .isNotEqualTo(
            Envelope.of(
                    QuarantineNotice.ofLine(
                        new RunId(5), 6, "node1-42.jsonl", 18, AT, Topics.METRICS))
                .writer());
  }
}
