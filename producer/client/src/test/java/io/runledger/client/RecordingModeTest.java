package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What RUNLEDGER_MODE means; the words are those of the Python package. */
class RecordingModeTest {

  private final List<String> complaints = new ArrayList<>();

  private RecordingMode mode(Map<String, String> environment) {
    return RecordingMode.of(environment, complaints::add);
  }

  @ParameterizedTest
  @CsvSource({
    "online, ONLINE",
    "offline, OFFLINE",
    "disabled, DISABLED",
    "' Disabled ', DISABLED",
    "OFFLINE, OFFLINE",
    "'', ONLINE",
    "'  ', ONLINE"
  })
  void aWordMeansItsModeWhateverItsCaseAndBlanks(String word, RecordingMode expected) {
    assertThat(mode(Map.of("RUNLEDGER_MODE", word))).isEqualTo(expected);
    assertThat(complaints).isEmpty();
  }

  @Test
  void withoutAWordARunIsRecordedOnline() {
    assertThat(mode(Map.of())).isEqualTo(RecordingMode.ONLINE);
    assertThat(complaints).isEmpty();
  }

  @Test
  void aMistypedWordIsReportedAndTheRunIsRecorded() {
    assertThat(mode(Map.of("RUNLEDGER_MODE", "disable"))).isEqualTo(RecordingMode.ONLINE);
    assertThat(complaints).singleElement().asString().contains("'disable'", "online, offline");
  }
}
