package io.runledger.service.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.batch.Source;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.RunEvent;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.deadletters.DeadLetters.Outcome;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.WireBytes;
import io.runledger.service.log.WriterSchemas;
import io.runledger.sqlite.SqliteLocation;
import io.runledger.sqlite.SqliteProjection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a dead letter after an operator's request. */
class DeadLetterHandlerTest {

  private static final String UNKNOWN = "unknown schema";
  private static final RunEvent STARTED = Events.ofSeed(1).started();

  @TempDir private Path directory;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Path database;
  private LiveProjection projection;
  private DeadLetterHandler handler;

  @BeforeEach
  void aDatabase() throws InterruptedException {
    database = directory.resolve("ledger.db");
    LedgerTemplate.EMPTY.copyTo(database);
  }

  @AfterEach
  void close() {
    projection.close();
  }

  /** A database with dead letters 1 and up, for these reasons. */
  private void letters(String... reasons) {
    letters(new byte[] {0, 0, 0, 0, 1, 42}, reasons);
  }

  /** The same, which are records with these bytes. */
  private void letters(byte[] value, String... reasons) {
    try (Projection filled = Deliveries.claimed(SqliteProjection.open(database))) {
      for (String reason : reasons) {
        filled.apply(batch(filled.positions(), value, new Decoded.Malformed(reason, "A reason.")));
      }
    }
    projection = LiveProjection.open(new SqliteLocation(database));
    handler =
        new DeadLetterHandler(
            new SqliteLocation(database),
            projection,
            new BatchDecoder(
                    new WriterSchemas(
                        TopicNames.DEFAULT,
                        new SchemaRegistryClient(
                            Map.of("schema.registry.url", "http://127.0.0.1:1")),
                        projection,
                        () -> now))
                ::decodeAgain,
            () -> now);
  }

  private static Batch batch(List<Position> positions, byte[] value, Decoded decoded) {
    Position from =
        positions.stream()
            .filter(at -> at.topic().equals("runledger.runs"))
            .findAny()
            .orElseThrow();
    return new Batch(
        List.of(
            new IncomingRecord(
                new Source(from.topic(), 0, from.nextOffset(), 0),
                Optional.of(WireBytes.key(STARTED)),
                Optional.of(value),
                "[]",
                decoded)),
        List.of(new Advance(from, Deliveries.moved(from, from.nextOffset() + 1))));
  }

  private DeadLetter letter(long id) {
    return projection.deadLetter(id).orElseThrow();
  }

  private Outcome retry(long id) {
    return handler.carryOut(new DeadLetterRequest.Retry(id));
  }

  @Test
  void whatNobodyHasCannotBeRetried() {
    letters();

    assertThat(retry(7)).isEqualTo(new Outcome(false, "There is no dead letter 7."));
  }

  @Test
  void aDismissedLetterKeepsItsBytesAndIsNeitherRetriedNorDismissedAgain() {
    letters(UNKNOWN);
    byte[] bytes = letter(1).value().orElseThrow();

    assertThat(handler.carryOut(new DeadLetterRequest.Dismiss(1, "a test of ours")).done())
        .isTrue();

    assertThat(letter(1).state()).isEqualTo("dismissed");
    assertThat(letter(1).value().orElseThrow()).isEqualTo(bytes);
    assertThat(retry(1)).isEqualTo(new Outcome(false, "Dead letter 1 was already dismissed."));
    assertThat(handler.carryOut(new DeadLetterRequest.Dismiss(1, "again")).done()).isFalse();
  }

  @Test
  void whileTheRegistryIsAwayALetterWaitsAndNoTryIsCounted() {
    letters(UNKNOWN);

    Outcome outcome = retry(1);

    assertThat(outcome.done()).isFalse();
    assertThat(outcome.sentence()).contains("cannot be retried now");
    assertThat(letter(1).state()).isEqualTo("waiting");
    assertThat(letter(1).tries()).isZero();
  }

  @Test
  void aLetterThatStillIsNoEventStaysOneAndTheTryIsCounted() {
    letters(UNKNOWN);
    projection.remember(1, Topics.RUNS.schema().toString());

    Outcome outcome = retry(1);

    assertThat(outcome.done()).isFalse();
    assertThat(outcome.sentence()).contains("Dead letter 1 still cannot be applied: ");
    assertThat(letter(1).state()).isEqualTo("waiting");
    assertThat(letter(1).tries()).isEqualTo(1);
  }

  /** Its bytes are a line, which the decoder would take for a record with a foreign schema. */
  @Test
  void aBadLineIsNotTakenForARecord() {
    letters(BatchDecoder.BAD_LINE);

    assertThat(retry(1).sentence()).contains("still cannot be applied").contains("A reason.");
    assertThat(letter(1).reason()).isEqualTo(BatchDecoder.BAD_LINE);
  }

  @Test
  void requestsAreLookedForOnceASecondAndAnswered() throws Exception {
    letters(UNKNOWN, UNKNOWN);
    Path requests = Files.createDirectory(directory.resolve("ledger.db.requests"));
    Files.writeString(requests.resolve("dismiss-1"), "a test of ours");
    handler.serve();
    assertThat(requests.resolve("answer-dismiss-1"))
        .hasContent("done Dead letter 1 is dismissed; its bytes are kept.");

    Files.writeString(requests.resolve("dismiss-2"), "another");
    now = now.plusMillis(999);
    handler.serve();
    assertThat(requests.resolve("dismiss-2")).exists();
    now = now.plusMillis(1);
    handler.serve();

    assertThat(requests.resolve("dismiss-2")).doesNotExist();
    assertThat(letter(2).state()).isEqualTo("dismissed");
    assertThat(letter(1).disposition()).contains("a test of ours");
  }

  @Test
  void whatIsAnothersToAnswerIsLeftForIt() throws Exception {
    letters(UNKNOWN);
    DeadLetterHandler another =
        new DeadLetterHandler(
            new SqliteLocation(database),
            projection,
            (topic, value) -> new Decoded.Malformed(UNKNOWN, "A reason."),
            letter -> letter.filter(found -> found.source().partition() == 1).isPresent(),
            () -> now);
    Path requests = Files.createDirectory(directory.resolve("ledger.db.requests"));
    Files.writeString(requests.resolve("dismiss-1"), "a test of ours");

    another.serve();
    assertThat(requests.resolve("dismiss-1")).exists();
    assertThat(letter(1).state()).isEqualTo("waiting");

    handler.serve();
    assertThat(letter(1).state()).isEqualTo("dismissed");
  }

  @Test
  void anEventWhoseSchemaIsKnownByNowIsAppliedOnce() {
    letters(WireBytes.value(1, STARTED), UNKNOWN);
    projection.remember(1, Topics.RUNS.schema().toString());

    assertThat(retry(1)).isEqualTo(new Outcome(true, "Dead letter 1 is applied."));

    assertThat(letter(1).state()).isEqualTo("retried");
    assertThat(DeadLetters.waiting(new SqliteLocation(database))).isEmpty();
    assertThat(retry(1)).isEqualTo(new Outcome(false, "Dead letter 1 was already retried."));
  }
}
