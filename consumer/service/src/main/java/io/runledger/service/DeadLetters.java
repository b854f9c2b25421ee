package io.runledger.service;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The records that could not be applied, read from a database that its service goes on writing. */
public final class DeadLetters {

  private DeadLetters() {}

  /**
   * One of them.
   *
   * @param id its number in this database
   * @param timestamp when the broker stored the record
   * @param key the record's key, byte for byte
   * @param value the record's value, byte for byte
   * @param headers JSON array of [name, base64 value]
   * @param reason what kind of trouble, in a word or two
   * @param detail the sentence
   * @param state waiting, retried or dismissed
   */
  public record Letter(
      long id,
      String topic,
      int partition,
      long offset,
      Instant timestamp,
      Optional<byte[]> key,
      Optional<byte[]> value,
      String headers,
      String reason,
      String detail,
      String state) {}

  /** All of them, in the order of topic, partition and offset. */
  public static List<Letter> list(Path database) {
    try (ReadOnlyDatabase open = ReadOnlyDatabase.open(database)) {
      return open.rows(
          """
          SELECT dead_letter_id, topic, partition, "offset", record_timestamp,
                 key, value, headers, reason, detail, state
            FROM dead_letters
           ORDER BY topic, partition, "offset", dead_letter_id
          """,
          DeadLetters::letter);
    }
  }

  private static Letter letter(ResultSet row) throws SQLException {
    String headers = row.getString("headers");
    return new Letter(
        row.getLong("dead_letter_id"),
        row.getString("topic"),
        row.getInt("partition"),
        row.getLong("offset"),
        Instant.ofEpochMilli(row.getLong("record_timestamp")),
        Optional.ofNullable(row.getBytes("key")),
        Optional.ofNullable(row.getBytes("value")),
        headers == null ? "[]" : headers,
        row.getString("reason"),
        row.getString("detail"),
        row.getString("state"));
  }
}
