package io.runledger.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
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
    assertThat(bodies.bytes(new Sent(text("next"), Optional.empty()))).hasSize(4);
  }

  @Test
  void aSlowLineIsFastEnough() throws Exception {
    assertThat(bodies.bytes(new Slow(200, 5_000, Duration.ofSeconds(3)))).hasSize(1_000_000);
  }

  @Test
  void aShortBodyMayTakeAWhile() throws Exception {
    assertThat(bodies.bytes(new Slow(3, 1, Duration.ofSeconds(5)))).hasSize(3);
  }

  /** A call that is there as a whole. */
  private record Sent(InputStream body, Optional<String> encoding) implements Call {

    Sent(byte[] bytes, Optional<String> encoding) {
      this(new ByteArrayInputStream(bytes), encoding);
    }

    static Sent asGzip(byte[]... parts) {
      return new Sent(joined(parts), Optional.of("gzip"));
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
      return name.equals("Content-Encoding") ? encoding : Optional.empty();
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text(text));
    }
    return bytes.toByteArray();
  }

  private void refused(int status, String words, Call call) {
    assertThatThrownBy(() -> bodies.bytes(call))
        .isInstanceOfSatisfying(
            RequestBody.Refused.class,
            refused -> assertThat(refused.status()).as(refused.getMessage()).isEqualTo(status))
        .hasMessageContaining(words);
  }

  @Test
  void allMembersOfGzipAreReadEvenIfTheyComeOneByOne() throws Exception {
    byte[] both = joined(gzip("first\n"), gzip("second\n"));

    assertThat(bodies.bytes(Sent.asGzip(both))).isEqualTo(text("first\nsecond\n"));
    InputStream oneByteAtATime =
        new ByteArrayInputStream(both) {
          @Override
          public synchronized int read(byte[] into, int from, int length) {
            return super.read(into, from, Math.min(1, length));
          }

          @Override
          public synchronized int available() {
            return 0;
          }
        };
    assertThat(bodies.bytes(new Sent(oneByteAtATime, Optional.of("gzip"))))
        .isEqualTo(text("first\nsecond\n"));
  }

  @Test
  void aDamagedSecondMemberOfGzipIsNotTakenForTheEndOfTheBody() throws Exception {
    byte[] first = gzip("first\n");
    byte[] second = gzip("second\n");

    int isRefused = 0;
    for (int bit = 0; bit < 8 * second.length; bit++) {
      byte[] damaged = second.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        // Some bits mean nothing, such as those of the time in the header.
        assertThat(bodies.bytes(Sent.asGzip(first, damaged)))
            .as("bit %d", bit)
            .isEqualTo(text("first\nsecond\n"));
      } catch (RequestBody.Refused refused) {
        assertThat(refused.status()).isEqualTo(400);
        isRefused++;
      }
    }
    assertThat(isRefused).isGreaterThan(8 * (second.length - 12));
    for (int length = 1; length < second.length; length++) {
      refused(400, "not whole gzip", Sent.asGzip(first, Arrays.copyOf(second, length)));
    }
    refused(400, "not whole gzip", Sent.asGzip(first, text("\n")));
    refused(400, "not whole gzip", Sent.asGzip(first, new byte[512]));
    refused(400, "not whole gzip", Sent.asGzip(new byte[0]));
  }

  @Test
  void gzipThatDoesNotSayThatItIsGzipIsToldTheHeader() throws Exception {
    refused(400, "Content-Encoding: gzip", new Sent(gzip("line\n"), Optional.empty()));
  }

  @Test
  void aPlainBodyThatEndsEarlyIsNotCalledGzip() {
    InputStream cut =
        new FilterInputStream(InputStream.nullInputStream()) {
          @Override
          public int read(byte[] into, int from, int length) throws IOException {
            throw new EOFException("early");
          }
        };
    refused(400, "ends before all of it has come", new Sent(cut, Optional.empty()));
  }

  @Test
  void aLittleGzipIsNotInflatedWithoutEnd() throws Exception {
    refused(413, "inflated", Sent.asGzip(gzip("0".repeat(2 << 20))));
  }
}
