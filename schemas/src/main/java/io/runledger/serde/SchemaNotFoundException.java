package io.runledger.serde;

/** The registry answered, in its own protocol, that it has no such subject or schema. */
public final class SchemaNotFoundException extends SchemaRegistryException {

  private static final long serialVersionUID = 1L;

  public SchemaNotFoundException(String message) {
    super(message, null);
  }
}
