package io.runledger.serde;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * Looks at a foreign writer's schema before any value of it is decoded.
 *
 * <p>What a reader does not know, it skips, and the work of skipping is bounded by the bytes of the
 * value only as long as each thing skipped has bytes. An array of nulls can claim billions of items
 * in five bytes, and twenty nested records of two empty ones each are a million; both would keep a
 * processor busy for years. So a type without bytes is taken in a union alone, where its index is a
 * byte. No schema of ours needs it elsewhere.
 */
final class SchemaSafety {

  private final IdentityHashMap<Schema, Boolean> withoutBytes = new IdentityHashMap<>();
  private final Set<Schema> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private SchemaSafety() {}

  /** What makes the schema unsafe, as the end of a sentence; empty when it is safe. */
  static Optional<String> complaint(Schema writer) {
    return new SchemaSafety().find(writer);
  }

  private Optional<String> find(Schema schema) {
    if (!seen.add(schema)) {
      return Optional.empty();
    }
    return switch (schema.getType()) {
      case RECORD ->
          schema.getFields().stream()
              .flatMap(field -> findIn("field " + field.name(), field.schema()).stream())
              .findFirst();
      case ARRAY -> findIn("an array", schema.getElementType());
      case MAP -> find(schema.getValueType());
      case UNION -> schema.getTypes().stream().flatMap(type -> find(type).stream()).findFirst();
      default -> Optional.empty();
    };
  }

  private Optional<String> findIn(String place, Schema part) {
    if (hasNoBytes(part)) {
      return Optional.of(
          "has values without bytes in " + place + " (type " + part.getFullName() + ")");
    }
    return find(part);
  }

  private boolean hasNoBytes(Schema schema) {
    Boolean known = withoutBytes.get(schema);
    if (known != null) {
      return known;
    }
    return switch (schema.getType()) {
      case NULL -> true;
      case FIXED -> schema.getFixedSize() == 0;
      case RECORD -> {
        // A record that contains itself outside of a union has no finite value: not safe either.
        withoutBytes.put(schema, true);
        boolean none = schema.getFields().stream().allMatch(field -> hasNoBytes(field.schema()));
        withoutBytes.put(schema, none);
        yield none;
      }
      default -> false;
    };
  }
}
