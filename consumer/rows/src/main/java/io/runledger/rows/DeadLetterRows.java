package io.runledger.rows;

import io.runledger.fold.Instants;
import io.runledger.fold.PoisonException;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Source;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The records that could not be applied, byte for byte. Works inside the caller's transaction. */
final class DeadLetterRows {

  private static final String SELECT =
      """
      SELECT dead_letter_id, topic, partition, "offset", record_timestamp, topic_id, key, value,
             headers, reason, detail, state, tries, disposed_at, disposition
        FROM dead_letters
      """;

  /** Where the record came from, which no two of them share. */
  private static final String PLACE = "topic, partition, topic_id, \"offset\"";

  private final Statements statements;

  DeadLetterRows(Statements statements) {
    this.statements = statements;
  }

  /**
   * Quarantines a record.
   *
   * @return false when it is there already
   */
  boolean put(IncomingRecord incoming, String topicId, PoisonException why) {
    Source source = incoming.source();
    return 1
        == statements.update(
            """
        INSERT INTO dead_letters (topic, partition, "offset", topic_id, record_timestamp, key, value, headers, reason, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """,
            source.topic(),
            source.partition(),
            source.offset(),
            topicId,
            source.timestamp(),
            incoming.key().orElse(null),
            incoming.value().orElse(null),
            incoming.headersJson(),
            why.reason(),
            why.getMessage());
  }

  /** All of them, oldest first. */
  List<DeadLetter> all() {
    return statements.list(SELECT + " ORDER BY dead_letter_id", DeadLetterRows::letter);
  }

  /** One of them. */
  Optional<DeadLetter> find(long id) {
    return statements.first(SELECT + " WHERE dead_letter_id = ?", DeadLetterRows::letter, id);
  }

  /** The one that follows by its place; the first one after none. */
  Optional<DeadLetter> after(Optional<DeadLetter> last) {
    return statements.first(
        SELECT + " WHERE (" + PLACE + ") > (?, ?, ?, ?) ORDER BY " + PLACE + " LIMIT 1",
        DeadLetterRows::letter,
        last.map(letter -> letter.source().topic()).orElse(""),
        last.map(letter -> letter.source().partition()).orElse(0),
        last.map(DeadLetter::topicId).orElse(""),
        last.map(letter -> letter.source().offset()).orElse(0L));
  }

  /** The numbers of those that wait, by their places. */
  List<Long> waiting() {
    return statements.list(
        "SELECT dead_letter_id FROM dead_letters WHERE state = 'waiting' ORDER BY " + PLACE,
        row -> row.getLong(1));
  }

  /** What operators dismissed. */
  List<Dismissal> dismissals() {
    return statements.list(
        """
        SELECT topic, topic_id, partition, "offset", disposed_at, disposition
          FROM dead_letters
         WHERE state = 'dismissed'
        """,
        row ->
            new Dismissal(
                row.getString(1),
                row.getString(2),
                row.getInt(3),
                row.getLong(4),
                row.getString(5),
                row.getString(6)));
  }

  private static DeadLetter letter(ResultSet row) throws SQLException {
    String headers = row.getString(9);
    return new DeadLetter(
        row.getLong(1),
        new Source(row.getString(2), row.getInt(3), row.getLong(4), row.getLong(5)),
        row.getString(6),
        Optional.ofNullable(row.getBytes(7)),
        Optional.ofNullable(row.getBytes(8)),
        headers == null ? "[]" : headers,
        row.getString(10),
        row.getString(11),
        row.getString(12),
        row.getInt(13),
        Optional.ofNullable(row.getString(14)),
        Optional.ofNullable(row.getString(15)));
  }

  /** It could be applied after all. */
  void retried(long id, Instant now) {
    statements.update(
        """
        UPDATE dead_letters
           SET state = 'retried', tries = tries + 1, disposed_at = ?, disposition = 'applied'
         WHERE dead_letter_id = ?
        """,
        Instants.text(now),
        id);
  }

  /** It still cannot be applied: why it could not in the first place stays the reason. */
  void refusedAgain(long id, Instant now) {
    statements.update(
        """
        UPDATE dead_letters
           SET tries = tries + 1, disposed_at = ?, disposition = 'refused again'
         WHERE dead_letter_id = ?
        """,
        Instants.text(now),
        id);
  }

  boolean dismiss(long id, String reason, Instant now) {
    return statements.update(
            """
            UPDATE dead_letters
               SET state = 'dismissed', disposed_at = ?, disposition = ?
             WHERE dead_letter_id = ? AND state = 'waiting'
            """,
            Instants.text(now),
            reason,
            id)
        == 1;
  }

  void carry(Dismissal dismissal) {
    statements.update(
        """
        UPDATE dead_letters
           SET state = 'dismissed', disposed_at = ?, disposition = ?
         WHERE topic = ? AND topic_id = ? AND partition = ? AND "offset" = ?
        """,
        dismissal.at(),
        dismissal.reason(),
        dismissal.topic(),
        dismissal.topicId(),
        dismissal.partition(),
        dismissal.offset());
  }
}
