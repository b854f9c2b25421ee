package io.runledger.sqlite.rows;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.AcceptedHistoryGap;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalInt;

/** The stored positions, and whose they are. Works inside the caller's transaction. */
public final class Positions {

  private final Statements statements;
  private String owner = "";

  public Positions(Statements statements) {
    this.statements = statements;
  }

  /** All of them, by topic and partition. */
  public List<Position> all() {
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

  /** Adds those that are missing and makes all of them the owner's. */
  public void claim(String newOwner, List<Position> initial) {
    owner = newOwner;
    initial.forEach(this::add);
    statements.update("UPDATE positions SET owner = ?", newOwner);
  }

  /**
   * Moves a position on, if it is still where the batch was read from and still ours.
   *
   * @return whether it was
   */
  public boolean advance(Advance advance) {
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
  public void add(Position position) {
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
  public void remove(Position position) {
    statements.update(
        "DELETE FROM positions WHERE topic = ? AND partition = ?",
        position.topic(),
        position.partition());
  }

  /** Notes that a range of offsets is gone. */
  public void gap(Position at, long fromOffset, long toOffset, String reason) {
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
  public List<AcceptedHistoryGap> allGaps() {
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
  public long gaps() {
    return statements.first("SELECT count(*) FROM gaps", row -> row.getLong(1)).orElseThrow();
  }

  private static Integer boxed(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }
}
