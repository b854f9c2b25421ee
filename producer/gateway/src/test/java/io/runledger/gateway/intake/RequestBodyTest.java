package io.runledger.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.gateway.TestCall;
import io.runledger.http.Call;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nobody takes a place for as long as he likes. */
class RequestBodyTest {

  private long nanos;
  private final RequestBody bodies = new RequestBody(1 << 20, 1 << 20, 1, () -> nanos);

  /** A call whose sender takes a time for each part, and sends so many parts. */
  private final class Slow implements Call {
    private final int parts;
    private final int bytes;
    private final Duration each;

    Slow(int parts, int bytes, Duration each) {
      this.parts = parts;
      this.bytes = bytes;
      this.each = each;
    }

    @Override
    public String variable(String name) {
      return "";
    }

    @Override
    public List<String> parameters(String name) {
      return List.of();
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.empty();
    }

    @Override
    public InputStream body() {
      return new InputStream() {
        private int sent;
        private int left;

        @Override
        public int read() {
          throw new AssertionError("Bodies are read in parts.");
        }

        @Override
        public int read(byte[] into, int from, int length) {
          if (length == 0) {
            return 0;
          }
          if (left == 0) {
            nanos += each.toNanos();
            if (sent == parts) {
              return -1;
            }
            sent++;
            left = bytes;
          }
          int read = Math.min(left, length);
          left -= read;
          return read;
        }
      };
    }
  }

  @Test
  void aByteNowAndThenIsNotWaitedForAndLeavesThePlace() throws Exception {
    assertThatThrownBy(() -> bodies.bytes(new Slow(1_000_000, 1, Duration.ofSeconds(1))))
        .isInstanceOfSatisfying(
            RequestBody.Refused.class, refused -> assertThat(refused.status()).isEqualTo(408));

    assertThat(Duration.ofNanos(nanos)).isLessThan(Duration.ofSeconds(30));
    assertThat(bodies.bytes(TestCall.of("next"))).hasSize(4);
  }

  @Test
  void aSlowLineIsFastEnough() throws Exception {
    assertThat(bodies.bytes(new Slow(200, 5_000, Duration.ofSeconds(3)))).hasSize(1_000_000);
  }

  @Test
  void aShortBodyMayTakeAWhile() throws Exception {
    assertThat(bodies.bytes(new Slow(3, 1, Duration.ofSeconds(5)))).hasSize(3);
  }
}
