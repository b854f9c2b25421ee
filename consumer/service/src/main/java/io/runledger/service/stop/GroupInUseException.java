package io.runledger.service.stop;

/** Another live member reads in the same consumer group, or another group fills the database. */
public final class GroupInUseException extends StopException {

  private static final long serialVersionUID = 1L;

  public GroupInUseException(String sentence) {
    super(sentence);
  }
}
