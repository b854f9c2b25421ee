package io.runledger.serde.registry;

/** The registry did not give what was asked for: either it has none, or it could not be asked. */
public abstract sealed class SchemaRegistryException extends RuntimeException
    permits SchemaNotFoundException, RegistryUnavailableException {

  private static final long serialVersionUID = 1L;

  SchemaRegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
