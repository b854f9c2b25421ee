package io.runledger.rows;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.AcceptedHistoryGap;
import io.runledger.fold.projection.OwnedPosition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The stored positions, and whose they are. Works inside the caller's transaction. */
final class Positions {

  /** The owner of a position that was given back. */
  private static final String NOBODY = "";

  private final Statements statements;
  private String owner = NOBODY;

  Positions(Statements statements) {
    this.statements = statements;
  }

  /** All of them, by topic and partition. */
  List<Position> all() {
    return statements.list(
        """
        SELECT cluster_id, topic, topic_id, partition, next_offset, leader_epoch
          FROM positions
         ORDER BY topic, partition
        """,
        Positions::position);
  }

  private static Position position(ResultSet row) throws SQLException {
    int epoch = row.getInt(6);
    OptionalInt leaderEpoch = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(epoch);
    return new Position(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getInt(4),
        row.getLong(5),
        leaderEpoch);
  }

  /** All of them with their owners, by topic and partition. */
  List<OwnedPosition> owned() {
    return statements.list(
        """
        SELECT cluster_id, topic, topic_id, partition, next_offset, leader_epoch, owner
          FROM positions
         ORDER BY topic, partition
        """,
        row ->
            new OwnedPosition(
                position(row),
                Optional.of(row.getString(7)).filter(whose -> !whose.equals(NOBODY))));
  }

  /** Makes these the owner's, and adds those that are missing. */
  void claim(String newOwner, List<Position> claimed) {
    owner = newOwner;
    for (Position position : claimed) {
      add(position);
      statements.update(
          "UPDATE positions SET owner = ? WHERE topic = ? AND partition = ?",
          newOwner,
          position.topic(),
          position.partition());
    }
  }

  /** Makes a position nobody's, if it is the owner's. */
  void release(Position position) {
    statements.update(
        "UPDATE positions SET owner = ? WHERE topic = ? AND partition = ? AND owner = ?",
        NOBODY,
        position.topic(),
        position.partition(),
        owner);
  }

  /**
   * Moves a position on, if it is still where the batch was read from and still ours.
   *
   * @return whether it was
   */
  boolean advance(Advance advance) {
    if (owner.equals(NOBODY)) {
      return false;
    }
    Position from = advance.from();
    Position to = advance.to();
    int changed =
        statements.update(
            """
            UPDATE positions
               SET next_offset = ?, leader_epoch = ?
             WHERE topic = ? AND partition = ? AND topic_id = ? AND next_offset = ? AND owner = ?
            """,
            to.nextOffset(),
            boxed(to.leaderEpoch()),
            from.topic(),
            from.partition(),
            from.topicId(),
            from.nextOffset(),
            owner);
    return changed == 1;
  }

  /** Adds a position of the owner that is, unless its partition has one. */
  void add(Position position) {
    statements.update(
        """
        INSERT INTO positions (topic, partition, cluster_id, topic_id, next_offset, leader_epoch, owner)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (topic, partition) DO NOTHING
        """,
        position.topic(),
        position.partition(),
        position.clusterId(),
        position.topicId(),
        position.nextOffset(),
        boxed(position.leaderEpoch()),
        owner);
  }

  /** Forgets how far a partition was read. */
  void remove(Position position) {
    statements.update(
        "DELETE FROM positions WHERE topic = ? AND partition = ?",
        position.topic(),
        position.partition());
  }

  /** Notes that a range of offsets is gone. */
  void gap(Position at, long fromOffset, long toOffset, String reason) {
    statements.update(
        """
        INSERT INTO gaps (topic, partition, topic_id, from_offset, to_offset, reason)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """,
        at.topic(),
        at.partition(),
        at.topicId(),
        fromOffset,
        toOffset,
        reason);
  }

  /** The gaps that are noted. */
  List<AcceptedHistoryGap> allGaps() {
    return statements.list(
        "SELECT topic, partition, topic_id, from_offset, to_offset, reason FROM gaps",
        row ->
            new AcceptedHistoryGap(
                new Position(
                    "",
                    row.getString(1),
                    row.getString(3),
                    row.getInt(2),
                    row.getLong(5),
                    OptionalInt.empty()),
                row.getLong(4),
                row.getLong(5),
                row.getString(6)));
  }

  /** How many gaps are noted. */
  long gaps() {
    return statements.first("SELECT count(*) FROM gaps", row -> row.getLong(1)).orElseThrow();
  }

  private static Integer boxed(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }
}
