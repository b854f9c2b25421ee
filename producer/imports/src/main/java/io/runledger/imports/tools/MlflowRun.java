package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.SourceRun;
import io.runledger.schemas.RunStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What MLflow's two stores say of a run. Its own run id distinguishes it, wherever its store was
 * copied to, and whether it is in a directory or a database.
 *
 * @param experiment the name of its experiment
 * @param id 32 hex digits
 * @param name the name that people gave it
 * @param user who ran it
 * @param status the word of the status
 * @param started when it began
 * @param ended when it ended
 * @param artifacts where its artifacts are, as a URI
 * @param isDeleted whether it was deleted, and not purged yet
 */
record MlflowRun(
    String experiment,
    String id,
    Optional<String> name,
    Optional<String> user,
    String status,
    Optional<Instant> started,
    Optional<Instant> ended,
    Optional<String> artifacts,
    boolean isDeleted) {

  /** Both stores are one tool: a store that was migrated is not imported twice. */
  private static final String TOOL = "mlflow";

  private static final String NOTE = "mlflow.note.content";
  private static final String COMMIT = "mlflow.source.git.commit";
  private static final String SOURCE = "mlflow.source.name";
  private static final String OURS = "mlflow.";

  Instant began() {
    return started.orElse(Instant.EPOCH);
  }

  /** Begins it, with what its tags say. */
  RunWriter begin(Map<String, String> tags, Import into) throws IOException {
    SourceRun run = SourceRun.named(TOOL, into.project(experiment), id, id, started);
    RunWriter writer = into.begin(run);
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    user.ifPresent(who -> said.put("user", who));
    put(said, "notes", tags.get(NOTE));
    put(said, "git_commit", tags.get(COMMIT));
    put(said, "command", tags.get(SOURCE));
    ArrayNode words = said.putArray("tags");
    tags.forEach(
        (key, value) -> {
          if (!key.startsWith(OURS)) {
            words.add(value.isEmpty() ? key : key + "=" + value);
          }
        });
    writer.start(began(), said);
    if (name.isPresent() && !name.get().isBlank()) {
      writer.displayName(began(), name.get());
    }
    return writer;
  }

  private static void put(ObjectNode said, String key, String value) {
    if (value != null && !value.isEmpty()) {
      said.put(key, value);
    }
  }

  /** Parameters are texts in MLflow, and stay texts. */
  void param(RunWriter writer, String key, String value) throws IOException {
    writer.configEntry(began(), key, TextNode.valueOf(value));
  }

  /** Ends it: artifacts, status, deletion. */
  void end(RunWriter writer, Import into) throws IOException {
    Instant end = ended.orElse(began());
    artifacts(writer, into);
    Optional<RunStatus> now =
        switch (status) {
          case "FINISHED" -> Optional.of(RunStatus.COMPLETED);
          case "FAILED", "KILLED" -> Optional.of(RunStatus.FAILED);
          case "RUNNING" -> Optional.of(RunStatus.RUNNING);
          case "SCHEDULED" -> Optional.of(RunStatus.PENDING);
          default -> Optional.empty();
        };
    if (now.isPresent()) {
      writer.status(
          now.get().isEnd() ? end : began(),
          now.get(),
          OptionalInt.empty(),
          status.equals("KILLED") ? Optional.of("MLflow says KILLED") : Optional.empty());
    }
    if (isDeleted) {
      writer.deleted(end, "deleted in MLflow");
    }
    into.end(writer);
  }

  /** The entries at the top of the directory of artifacts, if that is on this machine. */
  private void artifacts(RunWriter writer, Import into) throws IOException {
    Optional<Path> directory = artifacts.flatMap(MlflowRun::local);
    if (directory.isEmpty()
        || !Files.isDirectory(directory.get())
        || !SourceTree.isReadable(directory.get(), into.losses())) {
      return;
    }
    for (Path each : SourceTree.children(directory.get())) {
      writer.artifact(began(), "file", SourceTree.nameOf(each), SourceTree.bytes(each));
    }
  }

  private static Optional<Path> local(String location) {
    try {
      if (location.startsWith("file:")) {
        return Optional.of(Path.of(URI.create(location)));
      }
      return location.startsWith("/") ? Optional.of(Path.of(location)) : Optional.empty();
    } catch (IllegalArgumentException notAPath) {
      return Optional.empty();
    }
  }
}
