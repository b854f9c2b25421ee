package io.runledger.service.stop;

import io.runledger.fold.projection.ProjectionDamagedException;

/** The database's file is damaged; only a rebuild or a backup helps. */
public final class DamagedDatabaseException extends StopException {

  private static final long serialVersionUID = 1L;

  public DamagedDatabaseException(ProjectionDamagedException cause) {
    super(cause.getMessage(), cause);
  }
}
