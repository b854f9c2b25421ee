package io.runledger.service;

/** Another live member reads in the same consumer group. */
public final class GroupInUseException extends StopException {

  private static final long serialVersionUID = 1L;

  GroupInUseException(String sentence) {
    super(sentence);
  }
}
