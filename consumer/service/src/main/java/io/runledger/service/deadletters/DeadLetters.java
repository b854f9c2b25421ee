package io.runledger.service.deadletters;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.fold.store.ProjectionInUseException;
import io.runledger.schemas.TopicNames;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.database.ReadOnlyDatabase;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.WriterSchemas;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The records that could not be applied: read from a database that its service goes on writing, and
 * handled by whoever writes it.
 */
public final class DeadLetters {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Requests that the service carries out between two batches of events. */
  private static final int AT_ONCE = 200;

  private static final String NEXT =
      """
      SELECT dead_letter_id, topic, partition, topic_id, "offset", record_timestamp,
             key, value, headers, reason, detail, state, tries, disposed_at, disposition
        FROM dead_letters
       WHERE (topic, partition, topic_id, "offset") > (?, ?, ?, ?)
       ORDER BY topic, partition, topic_id, "offset"
       LIMIT 1
      """;

  private static final String ONE =
      """
      SELECT dead_letter_id, topic, partition, topic_id, "offset", record_timestamp,
             key, value, headers, reason, detail, state, tries, disposed_at, disposition
        FROM dead_letters
       WHERE dead_letter_id = ?
      """;

  private static final String WAITING =
      """
      SELECT dead_letter_id
        FROM dead_letters
       WHERE state = 'waiting'
       ORDER BY topic, partition, topic_id, "offset"
      """;

  private DeadLetters() {}

  /**
   * What came of a request.
   *
   * @param done whether it was carried out
   * @param sentence in words
   */
  public record Outcome(boolean done, String sentence) {}

  /**
   * Carries out requests: by itself when nobody writes the database of {@code configuration},
   * through the service otherwise. Each outcome is told when it is known, in their order.
   */
  public static void handle(
      Configuration configuration, List<DeadLetterRequest> requests, Consumer<Outcome> told)
      throws InterruptedException {
    if (requests.isEmpty()) {
      return;
    }
    Path database = configuration.path(Setting.DB);
    try (LiveProjection projection = LiveProjection.open(database)) {
      TopicNames topics = new TopicNames(configuration.get(Setting.TOPICS_PREFIX));
      PositionCheck.requireOwnTopics(database, projection.positions(), topics);
      WriterSchemas schemas =
          new WriterSchemas(
              topics,
              new SchemaRegistryClient(configuration.kafka()),
              projection,
              InstantSource.system());
      DeadLetterDesk desk =
          new DeadLetterDesk(
              database, projection, new BatchDecoder(schemas), InstantSource.system());
      for (DeadLetterRequest request : requests) {
        told.accept(desk.carryOut(request));
      }
    } catch (ProjectionInUseException inUse) {
      for (int from = 0; from < requests.size(); from += AT_ONCE) {
        List<DeadLetterRequest> some =
            requests.subList(from, Math.min(from + AT_ONCE, requests.size()));
        asked(database, some, inUse).forEach(told);
      }
    }
  }

  private static List<Outcome> asked(
      Path database, List<DeadLetterRequest> requests, ProjectionInUseException inUse)
      throws InterruptedException {
    try {
      Outcome unanswered =
          new Outcome(
              false,
              "%s It did not answer the request within %d s; see its health, or stop it and try again."
                  .formatted(inUse.getMessage(), PATIENCE.toSeconds()));
      return new RequestBox(database)
          .ask(requests, PATIENCE).stream().map(answer -> answer.orElse(unanswered)).toList();
    } catch (IOException e) {
      return List.of(
          new Outcome(false, "The requests cannot be left for the service: %s.".formatted(e)));
    }
  }

  /**
   * One of them.
   *
   * @param id its number in this database
   * @param topicId which topic of that name it was
   * @param timestamp when the broker stored the record
   * @param key the record's key, byte for byte
   * @param value the record's value, byte for byte
   * @param headers JSON array of [name, base64 value]
   * @param reason what kind of trouble, in a word or two
   * @param detail the sentence
   * @param state waiting, retried or dismissed
   * @param tries how often it was retried
   * @param disposedAt when somebody retried or dismissed it last, UTC
   * @param disposition what came of it, or why it was dismissed
   */
  public record Letter(
      long id,
      String topic,
      int partition,
      String topicId,
      long offset,
      Instant timestamp,
      Optional<byte[]> key,
      Optional<byte[]> value,
      String headers,
      String reason,
      String detail,
      String state,
      int tries,
      Optional<String> disposedAt,
      Optional<String> disposition) {}

  /** What is done with each of many. */
  public interface Visitor {
    void visit(Letter letter);
  }

  /**
   * All of them, in the order of their topics, partitions and offsets. However many there are, one
   * is in memory at a time; and however long the visitor takes, no state of the database is held
   * for it, because each is read by itself.
   */
  public static void forEach(Path database, Visitor visitor) {
    try (ReadOnlyDatabase open = ReadOnlyDatabase.open(database)) {
      Optional<Letter> letter = after(open, "", 0, "", 0);
      while (letter.isPresent()) {
        Letter last = letter.get();
        visitor.visit(last);
        letter = after(open, last.topic(), last.partition(), last.topicId(), last.offset());
      }
    }
  }

  private static Optional<Letter> after(
      ReadOnlyDatabase open, String topic, int partition, String topicId, long offset) {
    return open.rows(NEXT, DeadLetters::letter, topic, partition, topicId, offset).stream()
        .findFirst();
  }

  /** One of them. */
  public static Optional<Letter> find(Path database, long id) {
    try (ReadOnlyDatabase open = ReadOnlyDatabase.open(database)) {
      return open.rows(ONE, DeadLetters::letter, id).stream().findFirst();
    }
  }

  /** The numbers of those that were neither applied nor dismissed, in the same order. */
  public static List<Long> waiting(Path database) {
    try (ReadOnlyDatabase open = ReadOnlyDatabase.open(database)) {
      return open.rows(WAITING, row -> row.getLong("dead_letter_id"));
    }
  }

  private static Letter letter(ResultSet row) throws SQLException {
    String headers = row.getString("headers");
    return new Letter(
        row.getLong("dead_letter_id"),
        row.getString("topic"),
        row.getInt("partition"),
        row.getString("topic_id"),
        row.getLong("offset"),
        Instant.ofEpochMilli(row.getLong("record_timestamp")),
        Optional.ofNullable(row.getBytes("key")),
        Optional.ofNullable(row.getBytes("value")),
        headers == null ? "[]" : headers,
        row.getString("reason"),
        row.getString("detail"),
        row.getString("state"),
        row.getInt("tries"),
        Optional.ofNullable(row.getString("disposed_at")),
        Optional.ofNullable(row.getString("disposition")));
  }
}
