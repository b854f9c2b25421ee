package io.runledger.projection;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The records that could not be applied, byte for byte. Works inside the caller's transaction. */
final class DeadLetterRows {

  private final Statements statements;

  DeadLetterRows(Statements statements) {
    this.statements = statements;
  }

  /**
   * Puts a record aside.
   *
   * @return 1, or 0 when it lies there already
   */
  int put(IncomingRecord incoming, String topicId, PoisonException why) throws SQLException {
    Source source = incoming.source();
    return statements.update(
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
  List<DeadLetter> all() throws SQLException {
    List<DeadLetter> letters = new ArrayList<>();
    statements.query(
        """
        SELECT dead_letter_id, topic, partition, "offset", record_timestamp, key, value, headers,
               reason, detail, state
          FROM dead_letters
         ORDER BY dead_letter_id
        """,
        row ->
            letters.add(
                new DeadLetter(
                    row.getLong(1),
                    new Source(row.getString(2), row.getInt(3), row.getLong(4), row.getLong(5)),
                    Optional.ofNullable(row.getBytes(6)),
                    Optional.ofNullable(row.getBytes(7)),
                    row.getString(8),
                    row.getString(9),
                    row.getString(10),
                    row.getString(11))));
    return letters;
  }
}
