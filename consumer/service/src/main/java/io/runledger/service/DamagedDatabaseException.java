package io.runledger.service;

import io.runledger.projection.ProjectionDamagedException;

/** The database's file is damaged; only a rebuild or a backup goes on. */
final class DamagedDatabaseException extends StopException {

  private static final long serialVersionUID = 1L;

  DamagedDatabaseException(ProjectionDamagedException cause) {
    super(cause.getMessage(), cause);
  }
}
