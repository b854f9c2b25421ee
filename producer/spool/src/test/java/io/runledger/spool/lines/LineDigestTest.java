package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Whoever reads a line gives it the same ids. */
class LineDigestTest {

  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");

  private static LineDigest digest(String file, String line) {
    return new LineDigest(file, line.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theSameLineOfTheSameFileHasTheSameIds() {
    assertThat(digest("a.jsonl", "{}").id(AT)).isEqualTo(digest("a.jsonl", "{}").id(AT));
    assertThat(digest("a.jsonl", "{}").uuid()).isEqualTo(digest("a.jsonl", "{}").uuid());
  }

  @Test
  void anotherFileOrAnotherLineHasOthers() {
    assertThat(digest("b.jsonl", "{}").uuid()).isNotEqualTo(digest("a.jsonl", "{}").uuid());
    assertThat(digest("a.jsonl", "[]").uuid()).isNotEqualTo(digest("a.jsonl", "{}").uuid());
    assertThat(digest("a", "bc").uuid())
        .as("where the name ends")
        .isNotEqualTo(digest("ab", "c").uuid());
  }

  @Test
  void idsAreInTheOrderOfTheirTimes() {
    assertThat(digest("a.jsonl", "{}").id(AT.plusMillis(1)))
        .isGreaterThan(digest("z.jsonl", "[]").id(AT));
    assertThat(digest("a.jsonl", "{}").id(Instant.EPOCH)).isPositive();
  }

  @Test
  void aUuidSaysThatItWasMadeFromAHash() {
    assertThat(digest("a.jsonl", "{}").uuid().version()).isEqualTo(8);
    assertThat(digest("a.jsonl", "{}").uuid().variant()).isEqualTo(2);
  }
}
