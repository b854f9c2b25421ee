package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** A file whose job adds to its configuration after the start. */
class StartLinesTest {

  private static final RunId RUN = RunId.of(RunKey.experiment("7").seed(3));
  private static final String IDS =
      "\"run_id\":\"%s\",\"attempt_id\":\"%s\"".formatted(RUN, Base32.encode(99));
  private static final String START =
      "{\"at\":5,%s,\"start\":{\"experiment\":\"7\",\"seed\":3,\"config\":{\"lr\":1}}}"
          .formatted(IDS);
  private static final String ADDITION =
      "{\"at\":7,%s,\"start\":{\"config\":{\"b\":2,\"token\":\"hunter2\"}}}".formatted(IDS);

  private final JsonLines lines =
      new JsonLines("o.jsonl", Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty()));

  @Test
  void anAdditionIsTheNextEventOfTheSameAttemptAndSoIsWhatFollowsIt() throws Exception {
    SpecificRecord start = event(START);
    SpecificRecord before = event("{\"at\":6,\"metrics\":{\"loss\":1},\"step\":1}");
    SpecificRecord addition = event(ADDITION);
    SpecificRecord behind = event("{\"at\":8,\"metrics\":{\"loss\":2},\"step\":2}");
    SpecificRecord end = event("{\"status\":\"completed\"}");

    List<Envelope> envelopes =
        List.of(start, before, addition, behind, end).stream().map(Envelope::of).toList();
    assertThat(envelopes)
        .allMatch(envelope -> envelope.run() == RUN.value() && envelope.attempt() == 99);
    assertThat(envelopes).extracting(Envelope::seq).containsExactly(0L, 0L, 1L, 1L, 2L);
    assertThat(envelopes.stream().map(Envelope::writer).distinct()).hasSize(1);
    RunStarted added = (RunStarted) ((RunEvent) addition).getEvent();
    assertThat(added.getConfig()).isEqualTo("{\"b\":2,\"token\":\"********\"}");
    assertThat(added.getMaskedKeys()).containsExactly("token");
    assertThat(added.getSource()).isEqualTo("job");
    assertThat(List.of(Optional.ofNullable(added.getKey()), Optional.ofNullable(added.getName())))
        .containsOnly(Optional.empty());
  }

  @Test
  void anAdditionMayBeTheFirstLineOfAFile() throws Exception {
    assertThat(Envelope.of(event(ADDITION)).attempt()).isEqualTo(99);
  }

  @Test
  void anAdditionWithoutTheAttemptBesideItBelongsToNobody() throws Exception {
    event(START);

    assertThatThrownBy(() -> event("{\"at\":7,\"start\":{\"config\":{\"b\":2}}}"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("does not identify a run");
  }

  private SpecificRecord event(String line) throws BadLineException {
    return lines.events(line.getBytes(StandardCharsets.UTF_8)).get(0).event();
  }
}
