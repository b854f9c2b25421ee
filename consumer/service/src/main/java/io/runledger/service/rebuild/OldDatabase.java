package io.runledger.service.rebuild;

import io.runledger.config.FailPoint;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.AcceptedHistoryGap;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionLocation.Damage;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.ProjectionUnreadableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a rebuild takes from the database that it replaces, because the log does not hold it: as
 * much as can be read when it is damaged, and nothing where there is none.
 *
 * @param positions how far it was filled
 * @param schemas writer schemas by id in the registry of its cluster
 * @param gaps missing history that an operator accepted
 * @param dismissals dead letters that an operator dismissed
 * @param damage what is wrong with its file
 * @param lost what damage kept from being read, in words
 */
public record OldDatabase(
    List<Position> positions,
    Map<Integer, String> schemas,
    List<AcceptedHistoryGap> gaps,
    List<Dismissal> dismissals,
    Optional<Damage> damage,
    List<String> lost) {

  private static final String POSITIONS = "positions";

  /** Firings that are taken over at a time. */
  private static final int PAGE = 1_000;

  public OldDatabase {
    positions = List.copyOf(positions);
    schemas = Map.copyOf(schemas);
    gaps = List.copyOf(gaps);
    dismissals = List.copyOf(dismissals);
    lost = List.copyOf(lost);
  }

  /** Reads all of the file. */
  public static OldDatabase of(ProjectionLocation database) {
    if (!database.exists()) {
      return new OldDatabase(
          List.of(), Map.of(), List.of(), List.of(), Optional.empty(), List.of());
    }
    Optional<Damage> damage = database.damage();
    List<String> lost = new ArrayList<>();
    try (ProjectionReader old = database.read()) {
      PartialRead partial = new PartialRead(damage.isPresent(), lost);
      return new OldDatabase(
          partial.read(POSITIONS, old::positions).orElse(List.of()),
          partial.read("writer schemas", old::schemas).orElse(Map.of()),
          partial.read("accepted gaps", old::gaps).orElse(List.of()),
          partial.read("dismissed dead letters", old::dismissals).orElse(List.of()),
          damage,
          lost);
    }
  }

  /** Reads on where damage allows it, and notes where it does not. */
  private record PartialRead(boolean damaged, List<String> lost) {

    <T> Optional<T> read(String what, Supplier<T> reading) {
      try {
        return Optional.of(reading.get());
      } catch (ProjectionUnreadableException e) {
        if (!damaged) {
          throw e;
        }
        lost.add(what);
        return Optional.empty();
      }
    }
  }

  /**
   * Writer schemas by id, if they came from the registry of this cluster: ids of another differ.
   */
  Map<Integer, String> schemas(String clusterId) {
    // Where damage hid the positions, the cluster is unknown.
    boolean sameCluster =
        !lost.contains(POSITIONS)
            && positions.stream().allMatch(position -> position.clusterId().equals(clusterId));
    return sameCluster ? schemas : Map.of();
  }

  /**
   * Takes over what rules of alerts found, as it is now, a page at a time: a rebuild evaluates no
   * rule, and whoever writes the new database must know what fired.
   *
   * @return what damage kept from being read, as a sentence
   */
  Optional<String> carryFirings(ProjectionLocation database, Projection to) {
    if (!database.exists()) {
      return Optional.empty();
    }
    try (ProjectionReader old = database.read()) {
      Optional<Firing> last = Optional.empty();
      List<CarriedFiring> page = old.firingsAfter(last, PAGE);
      while (!page.isEmpty()) {
        to.carryFirings(page);
        last = Optional.of(page.get(page.size() - 1).firing());
        page = old.firingsAfter(last, PAGE);
      }
      return Optional.empty();
    } catch (ProjectionUnreadableException e) {
      if (damage.isEmpty()) {
        throw e;
      }
      return Optional.of(
          "Damage hid firings of alerts; a rule may fire again for what happened since, with the"
              + " same id.");
    }
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
          String kept = found.keep(at);
          FailPoint.hit("damaged-kept");
          sentences.add(
              "The old database was damaged (%s); it is kept as %s until you delete it."
                  .formatted(found.what(), kept));
        });
    if (!lost.isEmpty()) {
      sentences.add(
          "Damage hid its %s, and the new one was built without them."
              .formatted(String.join(", ", lost)));
    }
    if (lost.contains(POSITIONS)) {
      sentences.add(
          "Without positions there is no way to know whether the topics have lost what the old database held.");
    }
    return sentences;
  }
}
