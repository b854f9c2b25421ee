package io.runledger.config;

/** What was named is not there; the message names it and says what to do. */
public class NotFoundException extends RuntimeException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  public NotFoundException(String message) {
    super(message);
  }

  @Override
  public final int exitCode() {
    return ExitCodes.NOT_FOUND;
  }
}
