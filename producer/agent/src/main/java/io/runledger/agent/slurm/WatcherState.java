package io.runledger.agent.slurm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.files.HeldLocks;
import io.runledger.files.PrivateFiles;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The file in which a watcher keeps how far it has read and which jobs are open, and the lock that
 * makes it the only one of its cluster. Losing the file means reading twice, but loses no facts.
 * Not thread-safe.
 */
final class WatcherState implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final HeldLocks.Held lock;
  private String saved = "";

  private WatcherState(Path file, HeldLocks.Held lock) {
    this.file = file;
    this.lock = lock;
  }

  /**
   * What is kept.
   *
   * @param offsets next offset of each partition of the topic of runs
   * @param attempts attempts of open jobs
   */
  record Content(Map<Integer, Long> offsets, List<KnownJobs.Kept> attempts) {

    static final Content NONE = new Content(Map.of(), List.of());

    Content {
      offsets = Map.copyOf(offsets);
      attempts = List.copyOf(attempts);
    }
  }

  /**
   * Takes the lock of the file for this cluster and these topics; empty when another watcher holds
   * it.
   */
  static Optional<WatcherState> take(Path directory, String cluster, TopicNames topics)
      throws IOException {
    Files.createDirectories(directory, PrivateFiles.DIRECTORY);
    // The cluster's name is SLURM's, and becomes part of a file name.
    String name = "slurm-" + cluster.replaceAll("[^A-Za-z0-9_-]", "_");
    if (!topics.equals(TopicNames.DEFAULT)) {
      // Offsets of one ledger's topic say nothing about another's.
      name += "@" + topics.prefix();
    }
    Path file = directory.resolve(name + ".json");
    return HeldLocks.take(directory.resolve(name + ".lock"))
        .map(lock -> new WatcherState(file, lock));
  }

  /**
   * What was kept last.
   *
   * @throws IOException when the file exists and is not a watcher's
   */
  Content read() throws IOException {
    if (!Files.exists(file)) {
      return Content.NONE;
    }
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      Map<Integer, Long> offsets = new TreeMap<>();
      for (Map.Entry<String, JsonNode> partition : json.required("offsets").properties()) {
        offsets.put(Integer.parseInt(partition.getKey()), partition.getValue().asLong());
      }
      List<KnownJobs.Kept> attempts = new ArrayList<>();
      for (JsonNode attempt : json.required("attempts")) {
        attempts.add(
            new KnownJobs.Kept(
                new Reference(
                    attempt.required("job_id").asLong(),
                    RunId.parse(attempt.required("run_id").asText()),
                    attempt.required("attempt_id").asLong(),
                    attempt.required("restart_count").asInt(),
                    Instant.parse(attempt.required("started_at").asText())),
                attempt.required("told").asText(),
                attempt.required("ended").asBoolean()));
      }
      return new Content(offsets, attempts);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          file + " is not the state of a SLURM watcher; move it away and start again.", e);
    }
  }

  /** Stores this durably; does nothing when nothing has changed. */
  void save(Content content) throws IOException {
    String text = text(content);
    if (text.equals(saved)) {
      return;
    }
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.deleteIfExists(next);
    try (FileChannel channel =
        FileChannel.open(
            next,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PrivateFiles.FILE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    saved = text;
  }

  private static String text(Content content) {
    ObjectNode json = JSON.createObjectNode();
    ObjectNode offsets = json.putObject("offsets");
    new TreeMap<>(content.offsets())
        .forEach((partition, offset) -> offsets.put(Integer.toString(partition), offset));
    ArrayNode attempts = json.putArray("attempts");
    for (KnownJobs.Kept kept : content.attempts()) {
      attempts
          .addObject()
          .put("job_id", kept.reference().jobId())
          .put("run_id", kept.reference().run().toString())
          .put("attempt_id", kept.reference().attempt())
          .put("restart_count", kept.reference().restartCount())
          .put("started_at", kept.reference().startedAt().toString())
          .put("told", kept.fingerprint())
          .put("ended", kept.ended());
    }
    return json.toString();
  }

  /** Releases the lock. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
