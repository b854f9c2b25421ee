package io.runledger.query.sql.columns;

import io.runledger.query.dialect.Store;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Statements about how much of each stream has come: whatever changes a run is an event of one. */
public final class ChangeQueries {

  /**
   * How much of a stream has come.
   *
   * @param streamId where it is in this generation of the database
   * @param events how many events
   */
  public record Stream(long streamId, long runId, long events) {}

  private static final String ALL = "SELECT stream_id, run_id, events FROM event_streams";

  static final String NEW = ALL + " WHERE stream_id > :last";

  /**
   * Several writers take their ids in blocks of 256, and use them up at their own pace: a new one
   * may be some blocks lower than the last that was seen.
   */
  private static final String NEW_OF_POSTGRES = ALL + " WHERE stream_id > :last - 8 * 256";

  static final String SOME =
      """
      SELECT s.stream_id, s.run_id, s.events
        FROM json_each(:streams) wanted
       CROSS JOIN event_streams s ON s.stream_id = wanted.value
      """;

  private ChangeQueries() {}

  public static List<Stream> all(Handle handle) {
    return streams(handle.createQuery(ALL));
  }

  /** Those that were created behind one, and perhaps some before it. */
  public static List<Stream> behind(Handle handle, long last) {
    return streams(
        handle.createQuery(Store.of(handle).choose(NEW, NEW_OF_POSTGRES)).bind("last", last));
  }

  public static List<Stream> some(Handle handle, Collection<Long> streams) {
    String ids = streams.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    return streams(handle.createQuery(SOME).bind("streams", ids));
  }

  private static List<Stream> streams(org.jdbi.v3.core.statement.Query query) {
    return query
        .map(
            (row, context) ->
                new Stream(row.getLong("stream_id"), row.getLong("run_id"), row.getLong("events")))
        .list();
  }
}
