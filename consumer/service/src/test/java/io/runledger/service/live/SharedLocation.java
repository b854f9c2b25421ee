package io.runledger.service.live;

import io.runledger.fold.projection.Counterpart;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.Replacement;
import java.nio.file.Path;
import java.util.Optional;

/** A location that says of another one that several may write it. */
record SharedLocation(ProjectionLocation one) implements ProjectionLocation {

  @Override
  public boolean severalMayWrite() {
    return true;
  }

  @Override
  public String identity() {
    return one.identity();
  }

  @Override
  public Path companion(String suffix) {
    return one.companion(suffix);
  }

  @Override
  public boolean exists() {
    return one.exists();
  }

  @Override
  public Projection open() {
    return one.open();
  }

  @Override
  public ProjectionReader read() {
    return one.read();
  }

  @Override
  public Replacement replace() {
    return one.replace();
  }

  @Override
  public Counterpart counterpart() {
    return one.counterpart();
  }

  @Override
  public Optional<Damage> damage() {
    return one.damage();
  }

  @Override
  public Backup backUp(Path target, boolean replace) {
    return one.backUp(target, replace);
  }

  @Override
  public String toString() {
    return one.toString();
  }
}
