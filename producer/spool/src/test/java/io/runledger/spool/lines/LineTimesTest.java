package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineTimesTest {

  /** The formatter knows the calendar. */
  private static Optional<Instant> formatted(String text) {
    try {
      OffsetDateTime time = OffsetDateTime.parse(text).withOffsetSameInstant(ZoneOffset.UTC);
      return time.getYear() < 1970 || time.getYear() > 9999
          ? Optional.empty()
          : Optional.of(time.toInstant().truncatedTo(ChronoUnit.MICROS));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  @Test
  void aPlainTimeIsWhatTheFormatterReads() {
    Random random = new Random(1);
    for (int i = 0; i < 50_000; i++) {
      String text = plain(random);
      assertThat(LineTimes.of(new TextNode(text))).as(text).isEqualTo(formatted(text));
    }
  }

  /** Days, hours and fractions within and behind their limits. */
  private static String plain(Random random) {
    String time =
        "%04d-%02d-%02dT%02d:%02d:%02d"
            .formatted(
                1960 + random.nextInt(150),
                random.nextInt(14),
                random.nextInt(33),
                random.nextInt(25),
                random.nextInt(61),
                random.nextInt(61));
    String fraction =
        random.nextInt(5) == 0
            ? ""
            : "."
                + random
                    .ints(1 + random.nextInt(10), 0, 10)
                    .boxed()
                    .map(String::valueOf)
                    .collect(Collectors.joining());
    return time + fraction + "Z";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-18T11:06:40Z",
        "2000-02-29T00:00:00.1Z",
        "2100-02-28T23:59:59.999999999Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-11-18T11:06:40.5+01:00",
        "1969-12-31T23:00:00-01:00",
        "2026-11-18T11:06Z"
      })
  void aTimeIsRead(String text) {
    assertThat(LineTimes.of(new TextNode(text))).isPresent().isEqualTo(formatted(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2100-02-29T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:59:59+01:00",
        "9999-12-31T23:59:59-00:01",
        "2026-11-18T24:00:00Z",
        "2026-11-18T11:06:60Z",
        "2026-11-18T11:06:40.1234567890Z",
        "2026-11-18T11:06:40.+1Z",
        "2026-11-18T11:06:40.\u0661Z",
        "+026-11-18T11:06:40Z",
        "Z",
        ""
      })
  void whatIsNoTimeIsNone(String text) {
    assertThat(LineTimes.of(new TextNode(text))).isEmpty();
  }
}
