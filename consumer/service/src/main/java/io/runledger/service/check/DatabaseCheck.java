package io.runledger.service.check;

import io.runledger.check.Finding;
import io.runledger.config.Configuration;
import io.runledger.config.DatabaseFile;
import io.runledger.config.NotFoundException;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.AcceptedHistoryGap;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.fold.projection.ProjectionUnreadableException;
import io.runledger.service.database.Locations;
import io.runledger.service.spool.SpoolLog;
import io.runledger.sqlite.SqliteLocation;
import io.runledger.sqlite.file.Damage;
import io.runledger.sqlite.file.Generation;
import io.runledger.sqlite.file.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a database can be read, and what is missing in it; changes nothing of it. */
public final class DatabaseCheck {

  private static final String DATABASE = "database";

  private DatabaseCheck() {}

  /**
   * Complains before anything is started.
   *
   * @throws io.runledger.config.InvalidConfigurationException when the settings name no database
   * @throws ProjectionUnreadableException when it is on a server that does not let us in
   */
  public static void requireReachable(Configuration configuration) {
    // Whether there is one yet does not matter; that it can be asked does.
    Locations.of(configuration).exists();
  }

  /** That it opens; how far it is; what waits, and what is gone. */
  public static List<Finding> check(Configuration configuration) {
    return check(Locations.of(configuration));
  }

  static List<Finding> check(ProjectionLocation database) {
    try (ProjectionReader open = database.read()) {
      List<Finding> findings = new ArrayList<>();
      if (database instanceof SqliteLocation file) {
        findings.add(readable(file.database(), open.positions()));
        schema(file.database(), open.schemaVersion()).ifPresent(findings::add);
        network(file.database()).ifPresent(findings::add);
      } else {
        findings.add(readable(database.toString(), "", open.positions()));
      }
      waiting(open).ifPresent(findings::add);
      gaps(open).ifPresent(findings::add);
      return findings;
    } catch (NotFoundException
        | ProjectionUnreadableException
        | ProjectionUnavailableException
        | IOException e) {
      return List.of(Finding.failed(DATABASE, e.getMessage()));
    }
  }

  /**
   * That SQLite finds no damage; of a large file it looks at the tables alone, as the service does
   * when it opens it. Of a server it finds nothing: that has tools of its own for its files.
   */
  public static List<Finding> checkDamage(Configuration configuration) {
    return checkDamage(Locations.of(configuration));
  }

  static List<Finding> checkDamage(ProjectionLocation database) {
    if (!(database instanceof SqliteLocation file) || !Files.exists(file.database())) {
      return List.of();
    }
    try {
      Damage.refuseAtOpening(file.database());
      return List.of(Finding.ok(DATABASE, "SQLite finds no damage."));
    } catch (ProjectionDamagedException e) {
      return List.of(Finding.failed(DATABASE, e.getMessage()));
    } catch (ProjectionUnavailableException sameAsAtOpening) {
      return List.of();
    }
  }

  private static Finding readable(Path database, List<Position> positions) throws IOException {
    String generation =
        Generation.current(database)
            .map(current -> "generation %d, ".formatted(current.number()))
            .orElse("");
    long bytes = Files.size(database.toRealPath());
    return readable(database.toString(), " (%s%,d bytes)".formatted(generation, bytes), positions);
  }

  private static Finding readable(String database, String more, List<Position> positions) {
    return Finding.ok(
        DATABASE,
        positions.isEmpty()
            ? "%s can be read%s; nothing was applied yet.".formatted(database, more)
            : "%s can be read%s; applied: %s.".formatted(database, more, applied(positions)));
  }

  private static String applied(List<Position> positions) {
    long sum = positions.stream().mapToLong(Position::nextOffset).sum();
    return SpoolLog.filled(positions)
        ? "%,d bytes of %,d files".formatted(sum, positions.size())
        : "%,d offsets in %d partitions".formatted(sum, positions.size());
  }

  private static Optional<Finding> schema(Path database, int version) {
    int ours = DatabaseFile.SCHEMA_VERSION;
    if (version == ours) {
      return Optional.empty();
    }
    String what =
        "%s has schema version %d, and this Runledger %d.".formatted(database, version, ours);
    return Optional.of(
        version > ours
            ? Finding.failed(
                DATABASE,
                what,
                "Use the newer Runledger that opened it, or rebuild the database with this one.")
            : Finding.warning(
                DATABASE, what, "The service of this Runledger updates it when it starts."));
  }

  private static Optional<Finding> network(Path database) throws IOException {
    return MountTable.network(database)
        .map(
            kind ->
                Finding.failed(
                    DATABASE,
                    "%s is on a network file system (%s), where SQLite's write-ahead log is not safe."
                        .formatted(database, kind),
                    "Put it on a local disk, with --db or the setting db."));
  }

  private static Optional<Finding> waiting(ProjectionReader open) {
    int waiting = open.waitingDeadLetters().size();
    return waiting == 0
        ? Optional.empty()
        : Optional.of(
            Finding.warning(
                DATABASE,
                waiting == 1
                    ? "1 record could not be applied and is waiting."
                    : "%,d records could not be applied and are waiting.".formatted(waiting),
                "Run 'runledger dead-letters list', then retry or dismiss them."));
  }

  private static Optional<Finding> gaps(ProjectionReader open) {
    List<AcceptedHistoryGap> gaps = open.gaps();
    return gaps.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.warning(
                DATABASE,
                "%d accepted gaps: events are missing for good (%s%s)."
                    .formatted(gaps.size(), gaps.get(0).sentence(), gaps.size() > 1 ? ", ..." : ""),
                "Restore the topics and rebuild, if they still exist."));
  }
}
