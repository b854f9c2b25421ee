package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.TopicNames;
import io.runledger.serde.registry.LedgerSchemas;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaNotFoundException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** Who is asked for a schema, how often, and what an answer that is none means. */
class WriterSchemasTest {

  private static final Schema STRING = Schema.create(Schema.Type.STRING);
  private static final String TEXT = STRING.toString();
  private static final int ID = 7;

  private final Map<Integer, String> cached = new HashMap<>();
  private final Map<Integer, Schema> registered = new HashMap<>();
  private final List<Integer> asked = new ArrayList<>();
  private boolean ours = true;
  private boolean away;
  private Instant now = Instant.EPOCH;

  private final WriterSchemas schemas =
      new WriterSchemas(
          TopicNames.DEFAULT,
          new LedgerSchemas.Registry() {
            @Override
            public Schema schema(int id) {
              asked.add(id);
              if (away) {
                throw new RegistryUnavailableException("The registry does not answer.", null);
              }
              if (!registered.containsKey(id)) {
                throw new SchemaNotFoundException("There is no schema " + id + ".", null);
              }
              return registered.get(id);
            }

            @Override
            public boolean hasSubject(String subject) {
              if (away) {
                throw new RegistryUnavailableException("The registry does not answer.", null);
              }
              return ours && subject.equals("runledger.errors-value");
            }
          },
          new WriterSchemas.SchemaCache() {
            @Override
            public Optional<String> schema(int id) {
              return Optional.ofNullable(cached.get(id));
            }

            @Override
            public void remember(int id, String schema) {
              cached.put(id, schema);
            }
          },
          () -> now);

  @Test
  void aSchemaThatTheDatabaseHoldsNeedsNoRegistry() {
    cached.put(ID, TEXT);
    away = true;

    assertThat(schemas.apply(ID)).isEqualTo(STRING);
    assertThat(asked).isEmpty();
  }

  @Test
  void aSchemaIsAskedForOnceAndIsInTheDatabaseFromThenOn() {
    registered.put(ID, STRING);

    assertThat(schemas.apply(ID)).isEqualTo(STRING);
    away = true;
    assertThat(schemas.apply(ID)).isEqualTo(STRING);

    assertThat(asked).containsExactly(ID);
    assertThat(cached).containsEntry(ID, TEXT);
  }

  @Test
  void anotherGenerationOfTheDatabaseGetsTheSchemasToo() {
    registered.put(ID, STRING);
    assertThat(schemas.apply(ID)).isEqualTo(STRING);

    cached.clear();
    schemas.forgetSchemas();
    assertThat(schemas.apply(ID)).isEqualTo(STRING);

    assertThat(cached).containsEntry(ID, TEXT);
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNotAskedAgainInTheSameBatch() {
    away = true;
    assertThatThrownBy(() -> schemas.apply(ID)).isInstanceOf(RegistryUnavailableException.class);
    away = false;
    registered.put(ID, STRING);

    assertThatThrownBy(() -> schemas.apply(ID)).isInstanceOf(RegistryUnavailableException.class);
    assertThatThrownBy(() -> schemas.apply(8)).isInstanceOf(RegistryUnavailableException.class);
    schemas.newBatch();

    assertThat(schemas.apply(ID)).isEqualTo(STRING);
  }

  @Test
  void aRegistryThatIsNotOursIsAnOutageAndNoVerdictThatIsBelieved() {
    ours = false;
    assertThatThrownBy(() -> schemas.apply(ID))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageContaining("schema.registry.url");

    ours = true;
    registered.put(ID, STRING);
    schemas.newBatch();

    assertThat(schemas.apply(ID)).isEqualTo(STRING);
  }

  @Test
  void thatAnIdIsUnknownIsBelievedForAMinute() {
    assertThatThrownBy(() -> schemas.apply(ID)).isInstanceOf(SchemaNotFoundException.class);
    registered.put(ID, STRING);

    now = now.plus(LedgerSchemas.BELIEVED).minusMillis(1);
    schemas.newBatch();
    assertThatThrownBy(() -> schemas.apply(ID))
        .isInstanceOf(SchemaNotFoundException.class)
        .hasMessage("There is no schema 7.");
    now = now.plusMillis(1);
    schemas.newBatch();

    assertThat(schemas.apply(ID)).isEqualTo(STRING);
  }

  /** Each bad record may have another id: what is remembered of them has a bound. */
  @Test
  void ofAFloodOfUnknownIdsTheOldestAreForgottenAndThoseInHandAreNot() {
    schemas.lookUp(ids(0, 60_000));
    schemas.lookUp(ids(60_000, 110_000));
    asked.clear();

    schemas.lookUp(ids(60_000, 110_000));
    assertThat(asked).as("those that came last are known to be unknown").isEmpty();
    schemas.lookUp(ids(0, 10_000));

    assertThat(asked).as("the oldest were forgotten").hasSize(10_000);
  }

  private static Set<Integer> ids(int from, int to) {
    return IntStream.range(from, to).boxed().collect(Collectors.toSet());
  }
}
