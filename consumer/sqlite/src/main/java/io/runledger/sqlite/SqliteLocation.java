package io.runledger.sqlite;

import io.runledger.fold.projection.Counterpart;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.Replacement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A database file.
 *
 * @param database the path that users name: a link to the current generation
 */
public record SqliteLocation(Path database) implements ProjectionLocation {

  @Override
  public String toString() {
    return database.toString();
  }

  @Override
  public String identity() {
    return place().toString();
  }

  /**
   * The database's path with its directory as it really is, or will be once it is made: whoever
   * only asks must not bring a directory back that somebody has removed. The last name is kept: it
   * is a link, and what lies behind it changes.
   */
  Path place() {
    Path absolute = database.toAbsolutePath().normalize();
    Path there = absolute.getParent();
    while (true) {
      try {
        return there.toRealPath().resolve(there.relativize(absolute));
      } catch (NoSuchFileException notThere) {
        there = there.getParent();
      } catch (IOException e) {
        throw new UncheckedIOException(
            "Cannot read the database directory %s: %s".formatted(there, e.getMessage()), e);
      }
    }
  }

  @Override
  public Path companion(String suffix) {
    Path place = place();
    return place.resolveSibling(place.getFileName() + suffix);
  }

  @Override
  public boolean exists() {
    return Files.exists(database);
  }

  @Override
  public Projection open() {
    return SqliteProjection.open(database);
  }

  @Override
  public ProjectionReader read() {
    return SqliteReader.open(database);
  }

  @Override
  public Replacement replace() {
    return SqliteReplacement.begin(this);
  }

  @Override
  public Counterpart counterpart() {
    return SqliteCounterpart.of(database);
  }

  @Override
  public Optional<Damage> damage() {
    return io.runledger.sqlite.file.Damage.of(database).map(Damaged::new);
  }

  private record Damaged(io.runledger.sqlite.file.Damage damage) implements Damage {

    @Override
    public String what() {
      return damage.what();
    }

    @Override
    public String keep(Instant at) {
      return damage.keep(at).toString();
    }
  }

  @Override
  public Backup backUp(Path target, boolean replace) {
    return FileBackup.run(this, target, replace);
  }
}
