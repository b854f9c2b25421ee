package io.runledger.web.health;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.runledger.config.DatabaseLocation;
import io.runledger.query.Ledger;
import io.runledger.query.format.Json;
import io.runledger.query.overview.LedgerState;
import io.runledger.query.overview.LedgerState.Position;
import io.runledger.web.api.Answers;
import io.runledger.web.api.Parameters;
import io.runledger.web.health.ServiceQuestion.Answer;
import io.runledger.web.health.ServiceQuestion.Reply;
import io.runledger.web.health.SpoolFiles.Waiting;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the ledger does: what the database says, what waits in the spool of this machine, and what
 * the service says on its health port. What nobody can say is null. Thread-safe.
 */
public final class HealthRoute {

  private static final Logger logger = LoggerFactory.getLogger(HealthRoute.class);

  /** A desk has a position for each file of its jobs. */
  private static final int MOST_POSITIONS = 1_000;

  private final Ledger ledger;
  private final Optional<Path> file;
  private final SpoolFiles spool;
  private final ServiceQuestion service;
  private final String version;
  private final EventRate rate = new EventRate(System::nanoTime);

  /**
   * @param version of this server
   */
  public HealthRoute(
      Ledger ledger,
      DatabaseLocation database,
      Path spool,
      ServiceQuestion service,
      String version) {
    this.ledger = ledger;
    this.file =
        database instanceof DatabaseLocation.File onDisk
            ? Optional.of(onDisk.path().toAbsolutePath())
            : Optional.empty();
    this.spool = new SpoolFiles(spool);
    this.service = service;
    this.version = version;
  }

  public void addTo(RoutesConfig routes) {
    routes.get("/api/v1/health", this::health);
  }

  private void health(Context context) {
    Parameters.of(context, Set.of());
    LedgerState state = ledger.state();
    Waiting waiting = spool.waiting(state.positions());
    // A database without positions is one that nobody fills yet.
    boolean isOfTopics = !state.positions().stream().allMatch(Position::isFile);
    Reply reply = isOfTopics ? service.ask() : Reply.NONE;
    Optional<Answer> said = reply.answer();
    Judgement judgement = judgement(state.positions(), waiting, reply);

    ObjectNode json = Json.object();
    json.put("status", judgement.status());
    json.put("detail", judgement.detail().orElse(null));
    json.put("lag_seconds", judgement.lagSeconds().orElse(null));
    json.put("events", state.events());
    json.put("events_per_second", rate.at(state.events()).orElse(null));
    json.put("missing_events", state.missingEvents());
    json.put("log_gaps", state.lostRanges());
    json.put("service_state", said.map(Answer::state).orElse(null));
    json.put(
        "last_applied_at", said.flatMap(Answer::lastApplied).map(Instant::toString).orElse(null));
    json.put("database", ledger.location());
    json.put("database_bytes", state.bytes());
    putDisk(json);
    json.put("version", version);
    ObjectNode info = json.putObject("projection");
    state.info().forEach(info::put);
    ObjectNode runs = json.putObject("runs");
    state.runs().forEach(runs::put);
    ObjectNode letters = json.putObject("dead_letters");
    state.deadLetters().forEach(letters::put);
    putPartitions(json, state.positions(), said);
    json.putArray("spools")
        .addObject()
        .put("spool", spool.directory().toString())
        .put("files", waiting.files())
        .put("waiting_bytes", waiting.bytes());
    context.header("Cache-Control", "no-store");
    Answers.json(context, json);
  }

  private Judgement judgement(List<Position> positions, Waiting waiting, Reply reply) {
    if (positions.stream().anyMatch(Position::isFile)) {
      return Judgement.ofFiles(spool, positions, waiting);
    }
    return reply
        .stranger()
        .map(Judgement::unknown)
        .orElseGet(() -> Judgement.ofTopics(reply.answer(), Instant.now()));
  }

  private void putDisk(ObjectNode json) {
    json.putNull("disk_free_bytes").putNull("disk_bytes");
    if (file.isEmpty()) {
      return;
    }
    try {
      FileStore store = Files.getFileStore(file.get());
      json.put("disk_free_bytes", store.getUsableSpace());
      json.put("disk_bytes", store.getTotalSpace());
    } catch (IOException e) {
      logger.debug("The disk of {} cannot be asked.", file.get(), e);
    }
  }

  /** Those that are behind first. */
  private void putPartitions(ObjectNode json, List<Position> positions, Optional<Answer> said) {
    ArrayNode partitions = json.putArray("partitions");
    positions.stream()
        .filter(position -> !position.isFile() || spool.size(position) > position.nextOffset())
        .limit(MOST_POSITIONS)
        .forEach(position -> partitions.add(json(position)));
    positions.stream()
        .filter(position -> position.isFile() && spool.size(position) <= position.nextOffset())
        .limit(MOST_POSITIONS - partitions.size())
        .forEach(position -> partitions.add(json(position)));
    ArrayNode topics = json.putArray("topics");
    said.ifPresent(
        answer ->
            answer
                .lag()
                .forEach((topic, lag) -> topics.addObject().put("topic", topic).put("lag", lag)));
  }

  private ObjectNode json(Position position) {
    ObjectNode json =
        Json.object()
            .put("topic", position.topic())
            .put("partition", position.isFile() ? null : Integer.valueOf(position.partition()))
            .put("position", position.nextOffset());
    if (position.isFile()) {
      long end = Math.max(spool.size(position), position.nextOffset());
      return json.put("end", end).put("lag", end - position.nextOffset());
    }
    return json.putNull("end").putNull("lag");
  }
}
