package io.runledger.fold.projection;

/**
 * The database's file is damaged: trying again changes nothing, and nothing more is written to it.
 * The message names the file and the command that rebuilds it.
 */
public final class ProjectionDamagedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ProjectionDamagedException(String sentence) {
    super(sentence);
  }

  public ProjectionDamagedException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
