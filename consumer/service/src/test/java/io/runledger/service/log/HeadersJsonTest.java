package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class HeadersJsonTest {

  @Test
  void headersKeepTheirOrderTheirDoublesAndWhatIsNoText() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("a", new byte[] {(byte) 0xff, 0});
    headers.add("b", null);
    headers.add("a", new byte[0]);

    assertThat(HeadersJson.of(headers)).isEqualTo("[[\"a\",\"/wA=\"],[\"b\",null],[\"a\",\"\"]]");
  }

  @Test
  void withoutHeadersItIsAnEmptyArray() {
    assertThat(HeadersJson.of(new RecordHeaders())).isEqualTo("[]");
  }
}
