package io.runledger.service;

/** The database cannot be written at the moment: an outage, worth another try. */
final class ProjectionUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ProjectionUnavailableException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
