package io.runledger.service.deadletters;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.TopicNames;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.database.Locations;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.WriterSchemas;
import io.runledger.service.spool.SpoolLog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The records that could not be applied: read from a database while its service writes to it, and
 * handled by whoever writes it.
 */
public final class DeadLetters {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Requests that the service carries out between two batches of events. */
  private static final int AT_ONCE = 200;

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
   * through the service otherwise. Outcomes are reported in their order, each as soon as it is
   * known.
   */
  public static void handle(
      Configuration configuration, List<DeadLetterRequest> requests, Consumer<Outcome> told)
      throws InterruptedException {
    if (requests.isEmpty()) {
      return;
    }
    ProjectionLocation database = Locations.of(configuration);
    try (LiveProjection projection = LiveProjection.open(database);
        DeadLetterHandler handler =
            new DeadLetterHandler(
                database, projection, decoder(configuration, projection), InstantSource.system())) {
      for (DeadLetterRequest request : requests) {
        told.accept(handler.carryOut(request));
      }
    } catch (ProjectionInUseException inUse) {
      for (int from = 0; from < requests.size(); from += AT_ONCE) {
        List<DeadLetterRequest> some =
            requests.subList(from, Math.min(from + AT_ONCE, requests.size()));
        asked(database, some, inUse).forEach(told);
      }
    }
  }

  private static LetterDecoder decoder(Configuration configuration, LiveProjection projection) {
    if (SpoolLog.filled(projection.positions())) {
      return SpoolLog::decode;
    }
    TopicNames topics = new TopicNames(configuration.get(Setting.TOPICS_PREFIX));
    PositionCheck.requireOwnTopics(Locations.of(configuration), projection.positions(), topics);
    SchemaRegistryClient registry = new SchemaRegistryClient(configuration.kafka());
    WriterSchemas schemas = new WriterSchemas(topics, registry, projection, InstantSource.system());
    return new BatchDecoder(schemas)::decodeAgain;
  }

  private static List<Outcome> asked(
      ProjectionLocation database, List<DeadLetterRequest> requests, ProjectionInUseException inUse)
      throws InterruptedException {
    try (OperatorRequests mail = new OperatorRequests(database)) {
      Outcome unanswered =
          new Outcome(
              false,
              "%s It did not answer the request within %d s; see its health, or stop it and try again."
                  .formatted(inUse.getMessage(), PATIENCE.toSeconds()));
      return mail.ask(requests, PATIENCE).stream()
          .map(answer -> answer.orElse(unanswered))
          .toList();
    } catch (ProjectionUnavailableException e) {
      return List.of(new Outcome(false, e.getMessage()));
    }
  }

  /** What is done with each of many. */
  public interface Visitor {
    void visit(DeadLetter letter);
  }

  /**
   * All of them, in the order of their topics, partitions and offsets. However many there are, one
   * is in memory at a time; and however long the visitor takes, no state of the database is held
   * for it, because each is read by itself.
   */
  public static void forEach(ProjectionLocation database, Visitor visitor) {
    try (ProjectionReader open = database.read()) {
      Optional<DeadLetter> letter = open.deadLetterAfter(Optional.empty());
      while (letter.isPresent()) {
        visitor.visit(letter.get());
        letter = open.deadLetterAfter(letter);
      }
    }
  }

  /** One of them. */
  public static Optional<DeadLetter> find(ProjectionLocation database, long id) {
    try (ProjectionReader open = database.read()) {
      return open.deadLetter(id);
    }
  }

  /** The numbers of those that were neither applied nor dismissed, in the same order. */
  public static List<Long> waiting(ProjectionLocation database) {
    try (ProjectionReader open = database.read()) {
      return open.waitingDeadLetters();
    }
  }
}
