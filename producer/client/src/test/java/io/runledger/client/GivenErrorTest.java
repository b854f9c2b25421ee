package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.event.ErrorLogged;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a run records of an exception, whatever that does when it is asked, and how long it is. */
class GivenErrorTest {

  private static final int LIMIT = 1_000;

  private static ErrorLogged event(GivenError error) {
    return event(error, LIMIT);
  }

  private static ErrorLogged event(GivenError error, int limit) {
    return error
        .event(At.noStep(), limit)
        .setRunId(1)
        .setAttemptId(2)
        .setWriterId(3)
        .setSeq(4)
        .setAt(Instant.EPOCH)
        .build();
  }

  @Test
  void anExceptionIsItsClassItsMessageAndItsTraceback() {
    ErrorLogged event =
        event(GivenError.of(new IllegalStateException("out of ideas")), 100 * LIMIT);

    assertThat(event.getExceptionType()).isEqualTo("java.lang.IllegalStateException");
    assertThat(event.getMessage()).isEqualTo("out of ideas");
    assertThat(event.getTraceback())
        .startsWith("java.lang.IllegalStateException: out of ideas")
        .contains("GivenErrorTest.java");
    assertThat(event.getTruncatedBytes()).isZero();
    assertThat(event.getSha256()).isNull();
  }

  @Test
  void anExceptionWithoutAMessageHasNone() {
    assertThat(event(GivenError.of(new IllegalStateException())).getMessage()).isNull();
  }

  @Test
  void anExceptionThatThrowsWhenItIsAskedIsRecordedAllTheSame() {
    class Hostile extends RuntimeException {
      private static final long serialVersionUID = 1;

      @Override
      public String getMessage() {
        throw new UnsupportedOperationException("ask another");
      }
    }

    ErrorLogged event = event(GivenError.of(new Hostile()));

    assertThat(event.getExceptionType()).endsWith("Hostile");
    assertThat(event.getTraceback()).isNotBlank();
  }

  @Test
  void whatIsNullIsUnknown() {
    ErrorLogged event = event(new GivenError(null, Optional.empty(), null));

    assertThat(event.getExceptionType()).isEqualTo("unknown");
    assertThat(event.getMessage()).isNull();
    assertThat(event.getTraceback()).isEmpty();
  }

  @Test
  void ofLongTextsTheMiddleIsCutAndTheHashOfTheWholeIsKept() {
    GivenError error = new GivenError("E", Optional.of("m".repeat(5_000)), "t".repeat(9_000));

    ErrorLogged event = event(error);

    assertThat(event.getTraceback().getBytes(StandardCharsets.UTF_8).length)
        .isLessThan(LIMIT + 100);
    assertThat(event.getMessage().getBytes(StandardCharsets.UTF_8).length)
        .isLessThan(LIMIT / 4 + 100);
    assertThat(event.getTruncatedBytes()).isEqualTo(5_000 - LIMIT / 4 + 9_000 - LIMIT);
    assertThat(event.getSha256()).matches("[0-9a-f]{64}");
    assertThat(event(new GivenError("E", Optional.of("m".repeat(5_000)), "u".repeat(9_000))))
        .extracting(ErrorLogged::getSha256)
        .isNotEqualTo(event.getSha256());
  }
}
