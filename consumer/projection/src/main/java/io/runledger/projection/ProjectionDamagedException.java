package io.runledger.projection;

/**
 * The database's file is damaged: trying again changes nothing, and nothing more is written to it.
 * The message names the file and the command that builds it anew.
 */
public final class ProjectionDamagedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ProjectionDamagedException(Damage damage) {
    super(damage.sentence());
  }

  ProjectionDamagedException(Damage damage, Throwable cause) {
    super(damage.sentence(), cause);
  }
}
