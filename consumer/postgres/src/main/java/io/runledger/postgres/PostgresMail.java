package io.runledger.postgres;

import io.runledger.fold.projection.OperatorMail;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.schema.Generation;
import io.runledger.postgres.schema.Generations;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table of requests of the generation that was in use when this was opened: letters have other
 * numbers in another one. Not thread-safe.
 */
final class PostgresMail implements OperatorMail {

  private static final String RETRY = "retry";
  private static final String DISMISS = "dismiss";

  private final LedgerUrl ledger;
  private final Connection connection;

  private PostgresMail(LedgerUrl ledger, Connection connection) {
    this.ledger = ledger;
    this.connection = connection;
  }

  /**
   * Opens it.
   *
   * @throws ProjectionUnavailableException when there is no ledger, or the server does not answer
   */
  static PostgresMail open(LedgerUrl ledger) {
    try {
      Generation generation =
          Generations.current(ledger)
              .orElseThrow(
                  () ->
                      new ProjectionUnavailableException(
                          "There is no ledger %s; start its service.".formatted(ledger)));
      Connection connection = ledger.open(Purpose.WRITE);
      try {
        Sql.execute(connection, "SET search_path TO " + generation.schema());
        return new PostgresMail(ledger, connection);
      } catch (SQLException e) {
        Sql.close(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw Failures.of(ledger, "be opened", e);
    }
  }

  private static String action(Request request) {
    return request.dismissal().isPresent() ? DISMISS : RETRY;
  }

  @Override
  public List<Request> waiting() {
    try (PreparedStatement select =
            connection.prepareStatement(
                """
                SELECT dead_letter_id, action, reason
                  FROM operator_requests
                 WHERE done IS NULL
                 ORDER BY dead_letter_id, action
                """);
        ResultSet row = select.executeQuery()) {
      List<Request> waiting = new ArrayList<>();
      while (row.next()) {
        boolean isRetry = row.getString(2).equals(RETRY);
        waiting.add(
            new Request(
                row.getLong(1), isRetry ? Optional.empty() : Optional.of(row.getString(3))));
      }
      return waiting;
    } catch (SQLException e) {
      throw Failures.of(ledger, "read the requests of operators", e);
    }
  }

  @Override
  public void answer(Request request, Answer answer) {
    change(
        """
        UPDATE operator_requests
           SET done = ?, answer = ?
         WHERE dead_letter_id = ? AND action = ? AND done IS NULL
        """,
        answer.done(),
        answer.sentence(),
        request.letter(),
        action(request));
  }

  @Override
  public void leave(List<Request> requests) {
    for (Request request : requests) {
      change(
          """
          INSERT INTO operator_requests (dead_letter_id, action, reason) VALUES (?, ?, ?)
          ON CONFLICT (dead_letter_id, action) DO UPDATE
             SET reason = excluded.reason, requested_at = now(), done = NULL, answer = NULL
          """,
          request.letter(),
          action(request),
          request.dismissal().orElse(""));
    }
  }

  @Override
  public Optional<Answer> take(Request request) {
    try (PreparedStatement delete =
        connection.prepareStatement(
            """
            DELETE FROM operator_requests
             WHERE dead_letter_id = ? AND action = ? AND done IS NOT NULL
            RETURNING done, answer
            """)) {
      delete.setLong(1, request.letter());
      delete.setString(2, action(request));
      try (ResultSet row = delete.executeQuery()) {
        return row.next()
            ? Optional.of(new Answer(row.getBoolean(1), row.getString(2)))
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw Failures.of(ledger, "take an answer to a request", e);
    }
  }

  @Override
  public void withdraw(Request request) {
    change(
        "DELETE FROM operator_requests WHERE dead_letter_id = ? AND action = ?",
        request.letter(),
        action(request));
  }

  private void change(String sql, Object... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      statement.executeUpdate();
    } catch (SQLException e) {
      throw Failures.of(ledger, "store a request of an operator", e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw Failures.of(ledger, "be closed", e);
    }
  }
}
