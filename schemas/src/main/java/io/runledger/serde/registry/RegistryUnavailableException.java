package io.runledger.serde.registry;

/** The registry could not be asked: an outage, never a verdict on a record. Try again later. */
public final class RegistryUnavailableException extends SchemaRegistryException {

  private static final long serialVersionUID = 1L;

  public RegistryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
