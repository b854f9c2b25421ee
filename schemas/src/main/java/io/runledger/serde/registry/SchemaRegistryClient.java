package io.runledger.serde.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/**
 * Asks a schema registry over Confluent's REST protocol, which Confluent's, Apicurio's, Karapace's
 * and Redpanda's registries speak. Thread-safe; ids and schemas never change, so answers are kept.
 */
public final class SchemaRegistryClient implements LedgerSchemas.Registry {

  private record SubjectSchema(String subject, Schema schema) {}

  private final RegistryHttp http;
  private final Map<SubjectSchema, Integer> ids = new ConcurrentHashMap<>();
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

  /**
   * @param config {@code schema.registry.url} (several with commas between them), {@code
   *     basic.auth.credentials.source} (USER_INFO or URL), {@code basic.auth.user.info}, {@code
   *     http.connect.timeout.ms} (3000) and {@code http.read.timeout.ms} (5000, of a whole answer);
   *     other keys are ignored
   * @throws IllegalArgumentException when one of them cannot be used
   */
  public SchemaRegistryClient(Map<String, ?> config) {
    http = RegistryHttp.of(config);
  }

  /**
   * The id of a schema that is registered under the subject.
   *
   * @throws SchemaNotFoundException when the subject or this schema of it is not registered
   * @throws RegistryUnavailableException when the registry cannot be asked
   */
  public int idOf(String subject, Schema schema) {
    return cachedId(subject, schema, "/subjects/" + encoded(subject));
  }

  /** Registers the schema under the subject, if it is not there, and gives its id. */
  public int register(String subject, Schema schema) {
    return cachedId(subject, schema, "/subjects/" + encoded(subject) + "/versions");
  }

  /**
   * The schema with this id.
   *
   * @throws SchemaNotFoundException when there is none, or it is none that Avro can read
   * @throws RegistryUnavailableException when the registry cannot be asked
   */
  @Override
  public Schema schema(int id) {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    JsonNode answer = http.get("/schemas/ids/" + id);
    String type = answer.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      throw new SchemaNotFoundException("Schema " + id + " is " + type + ", not AVRO.", null);
    }
    JsonNode text = answer.path("schema");
    if (!text.isTextual()) {
      throw new RegistryUnavailableException(
          "The registry's answer for schema " + id + " contains no schema.", null);
    }
    try {
      Schema schema = new Schema.Parser().parse(text.textValue());
      schemas.put(id, schema);
      return schema;
    } catch (RuntimeException | StackOverflowError e) {
      // What an id refers to never changes, so waiting would never end. Avro's parser
      // does not stay with its own exceptions: a type that is not defined is a
      // NullPointerException.
      throw new SchemaNotFoundException(
          "Schema " + id + " cannot be parsed as a standalone Avro schema: " + e, e);
    }
  }

  /** Whether the registry would take the schema as the subject's next version. */
  public boolean isCompatible(String subject, Schema schema) {
    try {
      JsonNode answer =
          http.post(
              "/compatibility/subjects/" + encoded(subject) + "/versions/latest", body(schema));
      return answer.path("is_compatible").asBoolean(false);
    } catch (SchemaNotFoundException e) {
      // a subject without versions takes any schema
      return true;
    }
  }

  /** Sets the compatibility level of a subject, such as {@code BACKWARD_TRANSITIVE}. */
  public void setCompatibility(String subject, String level) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("compatibility", level);
    http.put("/config/" + encoded(subject), body.toString());
  }

  /**
   * Whether the registry has a version of this subject.
   *
   * @throws RegistryUnavailableException when the registry cannot be asked
   */
  @Override
  public boolean hasSubject(String subject) {
    try {
      http.get("/subjects/" + encoded(subject) + "/versions/latest");
      return true;
    } catch (SchemaNotFoundException e) {
      return false;
    }
  }

  /**
   * Whether the registry answers.
   *
   * @throws RegistryUnavailableException with the reason, when it does not
   */
  public void check() {
    http.get("/subjects");
  }

  /**
   * How far the registry's clock was ahead of this machine's when it answered last, within a second
   * or two; empty when it has not answered, or its answers have no date.
   */
  public Optional<Duration> clockAhead() {
    return http.clockAhead();
  }

  private int cachedId(String subject, Schema schema, String path) {
    SubjectSchema question = new SubjectSchema(subject, schema);
    Integer known = ids.get(question);
    if (known != null) {
      return known;
    }
    int id = http.post(path, body(schema)).path("id").asInt(-1);
    if (id < 0) {
      throw new RegistryUnavailableException(
          "The registry answered without an id for subject " + subject + ".", null);
    }
    ids.put(question, id);
    return id;
  }

  private static String body(Schema schema) {
    return JsonNodeFactory.instance.objectNode().put("schema", schema.toString()).toString();
  }

  private static String encoded(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
