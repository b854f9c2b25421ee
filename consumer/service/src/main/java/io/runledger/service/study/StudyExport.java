package io.runledger.service.study;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.AcceptedHistoryGap;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.service.database.Locations;
import io.runledger.service.log.LogReader;
import io.runledger.service.log.LogState;
import io.runledger.service.log.NextOffset;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.PositionCheck.MissingHistory;
import io.runledger.service.log.WholeLog;
import io.runledger.service.spool.DatabaseLog;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.StopException;
import io.runledger.spool.study.StudyWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Copies the events of some runs out of the log of a database into a study: exactly those that the
 * database was made from, up to its positions, with their identities. Nothing is changed.
 */
public final class StudyExport {

  /** Hears how far it has come. */
  @FunctionalInterface
  public interface Progress {

    /**
     * Says how far it is.
     *
     * @param done offsets read of all partitions together
     * @param total offsets that there are to read
     */
    void at(long done, long total);
  }

  /**
   * What was written.
   *
   * @param runs runs of which there were events
   * @param deadLetters records of chosen runs that are no events, and are left out
   * @param bytes size of the file
   * @param sha256 what names the study
   * @param gaps what the log has lost of all runs together, a sentence each
   */
  public record Report(
      long runs, long events, long deadLetters, long bytes, String sha256, List<String> gaps) {

    /** Copies the list. */
    public Report {
      gaps = List.copyOf(gaps);
    }
  }

  private final Set<Long> chosen = new HashSet<>();
  private final Progress progress;
  private long deadLetters;

  private StudyExport(Set<RunId> runs, Progress progress) {
    runs.forEach(run -> chosen.add(run.value()));
    this.progress = progress;
  }

  /**
   * Writes a study.
   *
   * @param spool the spool that the database was filled from, if it is not known where that is
   * @param runs whose events
   * @param file where the study goes; replaced when it is complete
   * @param acceptGap whether to go on where the log has lost history
   * @throws PositionException when the log is not the one that the database was filled from, or has
   *     lost history and that was not accepted
   * @throws StopException when brokers or registry do not give what is needed
   * @throws IOException when the file cannot be written
   */
  public static Report run(
      Configuration configuration,
      Optional<Path> spool,
      Set<RunId> runs,
      Path file,
      boolean acceptGap,
      Progress progress)
      throws IOException, InterruptedException {
    return run(
        configuration, DatabaseLog.of(configuration, spool), runs, file, acceptGap, progress);
  }

  /** As above, of another log. */
  public static Report run(
      Configuration configuration,
      WholeLog whole,
      Set<RunId> runs,
      Path file,
      boolean acceptGap,
      Progress progress)
      throws IOException, InterruptedException {
    ProjectionLocation database = Locations.of(configuration);
    Filled filled = Filled.of(database);
    whole.requireOwn(database, filled.reached());
    LogState log = whole.inspect();
    List<String> gaps = gaps(filled, log, acceptGap);
    StudyExport export = new StudyExport(runs, progress);
    try (StudyWriter study = StudyWriter.create(file, Instant.now())) {
      export.copy(whole, filled, log, study);
      StudyWriter.Written written = study.complete(gaps);
      return new Report(
          written.manifest().runs().size(),
          written.manifest().events(),
          export.deadLetters,
          written.bytes(),
          written.sha256(),
          gaps);
    }
  }

  /** How far the database was filled, and what is known of the log. */
  private record Filled(
      List<Position> reached, Map<Integer, String> schemas, List<AcceptedHistoryGap> gaps) {

    static Filled of(ProjectionLocation database) {
      try (ProjectionReader open = database.read()) {
        return new Filled(open.positions(), open.schemas(), open.gaps());
      }
    }
  }

  private static List<String> gaps(Filled filled, LogState log, boolean acceptGap) {
    List<MissingHistory> missing = PositionCheck.missingForRebuild(filled.reached(), log);
    if (!missing.isEmpty() && !acceptGap) {
      throw new PositionException(
          missing.get(0).why()
              + (missing.size() > 1 ? " (%d more like it.)".formatted(missing.size() - 1) : "")
              + " A study may lack events of the chosen runs, so none was written. Restore the log,"
              + " or export what is left of it with --accept-gap.");
    }
    Set<String> sentences = new LinkedHashSet<>();
    filled.gaps().forEach(gap -> sentences.add(gap.sentence()));
    missing.forEach(gap -> sentences.add(gap.why()));
    return List.copyOf(sentences);
  }

  private void copy(WholeLog whole, Filled filled, LogState log, StudyWriter study)
      throws IOException, InterruptedException {
    Map<TopicPartition, Long> ends = new HashMap<>();
    filled
        .reached()
        .forEach(position -> ends.put(PositionCheck.partitionOf(position), position.nextOffset()));
    List<Position> from = new ArrayList<>();
    Map<TopicPartition, Long> at = new HashMap<>();
    long total = 0;
    for (Position position : PositionCheck.beginnings(log)) {
      TopicPartition partition = PositionCheck.partitionOf(position);
      if (ends.containsKey(partition)) {
        from.add(position);
        at.put(partition, position.nextOffset());
        total += Math.max(0, ends.get(partition) - position.nextOffset());
      }
    }
    long done = 0;
    try (LogReader reader = whole.reader(from, ends, filled.schemas())) {
      Optional<LogReader.Chunk> chunk = reader.next();
      while (chunk.isPresent()) {
        for (IncomingRecord record : chunk.get().records()) {
          take(record, study);
        }
        for (Map.Entry<TopicPartition, NextOffset> next : chunk.get().next().entrySet()) {
          done += next.getValue().offset() - at.put(next.getKey(), next.getValue().offset());
        }
        progress.at(done, total);
        chunk = reader.next();
      }
    }
  }

  private void take(IncomingRecord record, StudyWriter study) throws IOException {
    Optional<Long> key = key(record);
    if (record.decoded() instanceof Decoded.Event decoded) {
      SpecificRecord event = decoded.event();
      long run = Envelope.of(event).run();
      if (!chosen.contains(run)) {
        return;
      }
      if (key.equals(Optional.of(run))) {
        study.add(event);
      } else {
        // Under a wrong key it is a dead letter here, and must not become an event elsewhere.
        deadLetters++;
      }
    } else if (key.isPresent() && chosen.contains(key.get())) {
      deadLetters++;
    }
  }

  private static Optional<Long> key(IncomingRecord record) {
    try {
      return record
          .key()
          .map(bytes -> RunId.parse(new String(bytes, StandardCharsets.UTF_8)).value());
    } catch (IllegalArgumentException notAnId) {
      return Optional.empty();
    }
  }
}
