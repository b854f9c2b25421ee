package io.runledger.service;

import io.runledger.config.FailPoint;
import io.runledger.projection.Damage;
import io.runledger.projection.Dismissal;
import io.runledger.projection.Position;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a rebuild takes from the database that it replaces: as much as can be read when it is
 * damaged, and nothing where there is none.
 *
 * @param schemas writer schemas by registry id
 * @param gaps history that is missing and was accepted
 * @param dismissals dead letters that were dismissed
 * @param damage what is wrong with its file
 * @param readable whether positions and schemas could be read
 */
record OldDatabase(
    List<Position> positions,
    Map<Integer, String> schemas,
    List<ReadOnlyDatabase.Gap> gaps,
    List<Dismissal> dismissals,
    Optional<Damage> damage,
    boolean readable) {

  OldDatabase {
    positions = List.copyOf(positions);
    schemas = Map.copyOf(schemas);
    gaps = List.copyOf(gaps);
    dismissals = List.copyOf(dismissals);
  }

  private static OldDatabase unread(Optional<Damage> damage) {
    return new OldDatabase(List.of(), Map.of(), List.of(), List.of(), damage, damage.isEmpty());
  }

  /** Reads all of the file. */
  static OldDatabase of(Path database) {
    if (!Files.exists(database)) {
      return unread(Optional.empty());
    }
    Optional<Damage> damage = Damage.of(database);
    try (ReadOnlyDatabase old = ReadOnlyDatabase.open(database)) {
      return new OldDatabase(
          old.positions(), old.schemas(), old.gaps(), old.dismissals(), damage, true);
    } catch (UncheckedSqlException e) {
      if (damage.isEmpty()) {
        throw e;
      }
      return unread(damage);
    }
  }

  /** Writer schemas by registry id; those of another cluster's registry name other schemas. */
  Map<Integer, String> schemas(String clusterId) {
    boolean sameCluster =
        positions.stream().allMatch(position -> position.clusterId().equals(clusterId));
    return sameCluster ? schemas : Map.of();
  }

  /**
   * Gives a damaged file a name that stays.
   *
   * @return sentences on what was found and where it is kept; none when it is sound
   */
  List<String> keptIfDamaged(Instant at) {
    List<String> sentences = new ArrayList<>();
    damage.ifPresent(
        found -> {
          Path kept = found.keep(at);
          FailPoint.hit("damaged-kept");
          sentences.add(
              "The old database was damaged (%s); it is kept as %s until you delete it."
                  .formatted(found.what(), kept));
        });
    if (!readable) {
      sentences.add(
          "Its positions and schemas could not be read, so nobody could tell whether the topics have lost what it held, and schemas came from the registry.");
    }
    return sentences;
  }
}
