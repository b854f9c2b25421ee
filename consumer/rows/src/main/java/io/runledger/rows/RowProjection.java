package io.runledger.rows;

import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.apply.BatchFold;
import io.runledger.fold.batch.AcceptedGap;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.OwnedPosition;
import io.runledger.fold.projection.Projection;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A projection in the tables of a database: applies batches of records, each in one transaction
 * that holds the rows, the seen seq numbers and the new positions, or none of them. What is the
 * database's own is added by the store that extends it. Not thread-safe.
 */
public abstract class RowProjection implements Projection {

  private final String name;
  private final Statements statements;
  private final Transactions transactions;
  private final Positions positions;
  private final DeadLetterRows deadLetters;
  private final DeliveryRows deliveries;
  private final WriterSchemaRows schemas;
  private final BatchFold fold;

  /**
   * @param name what is written, as people call it
   */
  protected RowProjection(RowStore store, String name) {
    this.name = name;
    statements = store.statements();
    transactions = store.transactions();
    positions = store.positions();
    deadLetters = store.deadLetters();
    deliveries = new DeliveryRows(statements);
    schemas = new WriterSchemaRows(statements);
    fold = new BatchFold(store, name);
  }

  /** The transactions of the connection, for what is the database's own. */
  protected final Transactions transactions() {
    return transactions;
  }

  /** What the database wants done after each batch, outside of its transaction. */
  protected abstract void afterBatch();

  /**
   * Stores what the database is, and brings rows up to date that an older version derived. Call it
   * once after opening.
   *
   * @param generation which one it is
   * @param builder a class of the store, whose version is that of what fills it
   */
  protected final void describe(String generation, Class<?> builder) {
    String version = builder.getPackage().getImplementationVersion();
    transactions.change(
        "describe itself",
        () -> {
          put("generation", generation);
          put("builder_version", version == null ? "development" : version);
        });
    deriveWhatChanged();
  }

  private void put(String property, String value) {
    statements.update(
        """
        INSERT INTO projection_info (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """,
        property,
        value);
  }

  private void deriveWhatChanged() {
    boolean outdated =
        transactions.read(
            "read what it was built by",
            () ->
                statements
                    .first("SELECT 1 FROM projection_info WHERE name = 'derive_all'", row -> true)
                    .isPresent());
    if (outdated) {
      fold.deriveAll(
          () -> statements.update("DELETE FROM projection_info WHERE name = 'derive_all'"));
    }
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final List<Position> positions() {
    return transactions.read("read its positions", positions::all);
  }

  @Override
  public final List<OwnedPosition> owners() {
    return transactions.read("read whose its positions are", positions::owned);
  }

  @Override
  public final void claim(String owner, List<Position> claimed) {
    transactions.change("claim positions", () -> positions.claim(owner, inOrder(claimed)));
    fold.forget();
  }

  @Override
  public final void release(List<Position> released) {
    transactions.change("release positions", () -> inOrder(released).forEach(positions::release));
  }

  /** As every writer locks them: whoever claims what another one releases waits in no circle. */
  private static List<Position> inOrder(List<Position> some) {
    return some.stream()
        .sorted(Comparator.comparing(Position::topic).thenComparingInt(Position::partition))
        .toList();
  }

  @Override
  public final void addPositions(List<Position> added) {
    transactions.change("add positions", () -> added.forEach(positions::add));
  }

  @Override
  public final BatchResult apply(Batch batch) {
    BatchResult result = fold.apply(batch);
    afterBatch();
    return result;
  }

  @Override
  public final Optional<String> schema(int id) {
    return transactions.read("read a writer schema", () -> schemas.find(id));
  }

  @Override
  public final void rememberSchema(int id, String schema) {
    transactions.change("keep a writer schema", () -> schemas.add(id, schema));
  }

  @Override
  public final void recordGap(Position at, long fromOffset, long toOffset, String reason) {
    transactions.change("note a gap", () -> positions.gap(at, fromOffset, toOffset, reason));
  }

  @Override
  public final void acceptGaps(List<AcceptedGap> gaps) {
    transactions.change(
        "accept gaps",
        () -> {
          for (AcceptedGap gap : gaps) {
            positions.gap(gap.at(), gap.fromOffset(), gap.toOffset(), gap.reason());
            positions.remove(gap.at());
            if (gap.resumeAt().isPresent()) {
              positions.add(gap.resumeAt().get());
            }
          }
        });
  }

  @Override
  public final long gaps() {
    return transactions.read("count its gaps", positions::gaps);
  }

  @Override
  public final List<DeadLetter> deadLetters() {
    return transactions.read("read its dead letters", deadLetters::all);
  }

  @Override
  public final Optional<DeadLetter> deadLetter(long id) {
    return transactions.read("read a dead letter", () -> deadLetters.find(id));
  }

  @Override
  public final Optional<String> retry(DeadLetter letter, Decoded decoded, Instant now) {
    return fold.applyAgain(
        new IncomingRecord(
            letter.source(), letter.key(), letter.value(), letter.headersJson(), decoded),
        () -> {
          deadLetters.retried(letter.id(), now);
          return Optional.empty();
        },
        refusal -> {
          deadLetters.refusedAgain(letter.id(), now);
          return Optional.of(refusal.getMessage());
        });
  }

  @Override
  public final boolean dismiss(long id, String reason, Instant now) {
    return transactions.run("dismiss a dead letter", () -> deadLetters.dismiss(id, reason, now));
  }

  @Override
  public final void carryDismissal(Dismissal dismissal) {
    transactions.change(
        "carry a dismissal over",
        () -> {
          deadLetters.carry(dismissal);
        });
  }

  @Override
  public final void watch(AlertRules rules) {
    fold.watch(rules);
  }

  @Override
  public final void lookForSilence() {
    fold.lookForSilence();
  }

  @Override
  public final List<DueDelivery> dueDeliveries(String delivery, Instant now, int limit) {
    return transactions.read(
        "read which alerts are due", () -> deliveries.due(delivery, now, limit));
  }

  @Override
  public final Optional<Instant> nextDelivery(String delivery) {
    return transactions.read("read when an alert is due", () -> deliveries.next(delivery));
  }

  @Override
  public final void delivered(Firing firing, String delivery, Instant now) {
    transactions.change(
        "record that an alert was delivered",
        () -> deliveries.delivered(firing.id(), delivery, now));
  }

  @Override
  public final void notDelivered(
      Firing firing, String delivery, String why, Optional<Instant> nextTry) {
    transactions.change(
        "record that an alert was not delivered",
        () -> deliveries.notDelivered(firing.id(), delivery, why, nextTry));
  }

  @Override
  public final void giveUpDeliveriesBut(List<String> names) {
    transactions.change("give up alerts", () -> deliveries.giveUpBut(names));
  }

  @Override
  public final long pendingDeliveries() {
    return transactions.read("count the alerts that wait", deliveries::pending);
  }

  @Override
  public final List<CarriedFiring> firingsSince(Instant since) {
    return transactions.read("read its alerts", () -> deliveries.since(since));
  }

  @Override
  public final void carryFirings(List<CarriedFiring> firings) {
    transactions.change("carry alerts over", () -> firings.forEach(deliveries::carry));
  }
}
