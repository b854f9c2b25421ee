package io.runledger.sqlite.rows;

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
public final class DeadLetterRows {

  private static final String SELECT =
      """
      SELECT dead_letter_id, topic, partition, "offset", record_timestamp, key, value, headers,
             reason, detail, state
        FROM dead_letters\
      """;

  private final Statements statements;

  public DeadLetterRows(Statements statements) {
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
  public List<DeadLetter> all() {
    return statements.list(SELECT + " ORDER BY dead_letter_id", DeadLetterRows::letter);
  }

  /** One of them. */
  public Optional<DeadLetter> find(long id) {
    return statements.first(SELECT + " WHERE dead_letter_id = ?", DeadLetterRows::letter, id);
  }

  private static DeadLetter letter(ResultSet row) throws SQLException {
    return new DeadLetter(
        row.getLong(1),
        new Source(row.getString(2), row.getInt(3), row.getLong(4), row.getLong(5)),
        Optional.ofNullable(row.getBytes(6)),
        Optional.ofNullable(row.getBytes(7)),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        row.getString(11));
  }

  /** It could be applied after all. */
  public void retried(long id, Instant now) {
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
  public void refusedAgain(long id, Instant now) {
    statements.update(
        """
        UPDATE dead_letters
           SET tries = tries + 1, disposed_at = ?, disposition = 'refused again'
         WHERE dead_letter_id = ?
        """,
        Instants.text(now),
        id);
  }

  public boolean dismiss(long id, String reason, Instant now) {
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

  public void carry(Dismissal dismissal) {
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
