package io.runledger.serde.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.TopicNames;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** Whether a registry that does not have a schema can say that there is none. */
class LedgerSchemasTest {

  private static final Schema STRING = Schema.create(Schema.Type.STRING);

  private String subject = "training.slurm-value";
  private String subjectAfterwards = subject;
  private Instant now = Instant.parse("2026-11-29T04:00:00Z");
  private int asked;

  private final LedgerSchemas schemas =
      new LedgerSchemas(
          new TopicNames("training"),
          new LedgerSchemas.Registry() {
            @Override
            public Schema schema(int id) {
              asked++;
              subject = subjectAfterwards;
              if (id != 1) {
                throw new SchemaNotFoundException("There is no schema " + id + ".", null);
              }
              return STRING;
            }

            @Override
            public boolean hasSubject(String name) {
              return name.equals(subject);
            }
          },
          () -> now);

  private void subjects(String before, String after) {
    subject = before;
    subjectAfterwards = after;
  }

  @Test
  void whoKnowsOneOfOurSubjectsIsBelieved() {
    assertThat(schemas.apply(1)).isEqualTo(STRING);
    assertThatThrownBy(() -> schemas.apply(2))
        .isInstanceOf(SchemaNotFoundException.class)
        .hasMessage("There is no schema 2.");
  }

  @Test
  void aFloodOfRecordsOfOneUnknownSchemaAsksTheRegistryOnceAMinute() {
    for (int record = 0; record < 1_000; record++) {
      assertThatThrownBy(() -> schemas.apply(2)).isInstanceOf(SchemaNotFoundException.class);
    }
    assertThat(asked).isEqualTo(1);

    now = now.plus(LedgerSchemas.BELIEVED);
    assertThatThrownBy(() -> schemas.apply(2)).isInstanceOf(SchemaNotFoundException.class);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void theSubjectsOfAnotherLedgerAreNotOurs() {
    subjects("runledger.slurm-value", "runledger.slurm-value");

    assertThatThrownBy(() -> schemas.apply(2))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageContainingAll("schema 2", "schema.registry.url");
  }

  @Test
  void dataThatGoesOrComesBackMeanwhileIsAnOutage() {
    subjects("training.slurm-value", "");
    assertThatThrownBy(() -> schemas.apply(2)).isInstanceOf(RegistryUnavailableException.class);

    subjects("", "training.slurm-value");
    assertThatThrownBy(() -> schemas.apply(2)).isInstanceOf(RegistryUnavailableException.class);
  }

  @Test
  void whatWasFoundIsTakenThoughAnotherSchemaCannotBeHad() {
    subjects("", "");
    Map<Integer, Schema> found = new HashMap<>();

    assertThatThrownBy(() -> schemas.lookUp(new LinkedHashSet<>(List.of(2, 1)), found::put))
        .isInstanceOf(RegistryUnavailableException.class);

    assertThat(found).containsOnlyKeys(1);
  }
}
