package io.runledger.serde.registry;

/**
 * The registry answered, in its own protocol, that it has no such subject or schema, or the schema
 * is none that Avro can read: asking again gives the same.
 */
public final class SchemaNotFoundException extends SchemaRegistryException {

  private static final long serialVersionUID = 1L;

  public SchemaNotFoundException(String message, Throwable cause) {
    super(message, cause);
  }
}
