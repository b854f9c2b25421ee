package io.runledger.config;

/**
 * A setting that cannot be used; the message names it, where it came from and what is expected. A
 * wrong setting is a mistyped command line in another place.
 */
public final class InvalidConfigurationException extends RuntimeException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  public InvalidConfigurationException(String message) {
    super(message);
  }

  public InvalidConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitCode() {
    return ExitCodes.USAGE;
  }
}
