package io.runledger.serde;

import io.runledger.schemas.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Decodes values whose schemas name {@code CanaryClass} wherever a schema can name a class. Runs as
 * a process of its own, so that the JVM's log shows which classes were loaded; it must therefore
 * not mention that class except as text.
 */
final class HostileSchemas {

  static final String CANARY = "io.runledger.serde.CanaryClass";

  private HostileSchemas() {}

  public static void main(String[] arguments) throws IOException {
    for (Map.Entry<String, GenericRecord> hostile : values().entrySet()) {
      RecordDecoder decoder = new RecordDecoder(id -> hostile.getValue().getSchema());
      byte[] bytes = encoded(hostile.getValue());
      String outcome;
      try {
        outcome = "decoded " + decoder.decode(Topics.ERRORS, bytes).getClass().getSimpleName();
      } catch (MalformedRecordException e) {
        outcome = "malformed: " + e.reason();
      }
      System.out.println(hostile.getKey() + " -> " + outcome);
    }
  }

  private static Map<String, GenericRecord> values() {
    Map<String, GenericRecord> values = new LinkedHashMap<>();
    String named = "\"name\":\"" + CANARY + "\"";
    Schema record =
        parsed("{\"type\":\"record\"," + named + ",\"fields\":[" + field("x", "\"int\"") + "]}");
    Schema enumeration = parsed("{\"type\":\"enum\"," + named + ",\"symbols\":[\"A\"]}");
    Schema fixed = parsed("{\"type\":\"fixed\"," + named + ",\"size\":1}");
    Schema elements =
        parsed(
            "{\"type\":\"array\",\"items\":\"string\",\"java-class\":\"%s\",\"java-element-class\":\"%s\"}"
                .formatted(CANARY, CANARY));
    Schema keys =
        parsed("{\"type\":\"map\",\"values\":\"int\",\"java-key-class\":\"" + CANARY + "\"}");
    GenericRecord inner = new GenericData.Record(record);
    inner.put("x", 1);
    values.put("record", error("string()", record, inner));
    values.put(
        "enum", error("string()", enumeration, new GenericData.EnumSymbol(enumeration, "A")));
    values.put("fixed", error("string()", fixed, new GenericData.Fixed(fixed, new byte[1])));
    values.put("elements", error("string()", elements, List.of("x")));
    values.put("keys", error("string()", keys, Map.of("x", 1)));
    values.put("string", error("string(java-class)", Schema.create(Schema.Type.INT), 1));
    values.put("branch", error("union", record, inner));
    values.put("itself", inner);
    return values;
  }

  /** An ErrorLogged whose writer adds a field {@code more} of a type of their own. */
  private static GenericRecord error(String exceptionType, Schema more, Object moreValue) {
    String type =
        switch (exceptionType) {
          case "string(java-class)" -> "{\"type\":\"string\",\"java-class\":\"" + CANARY + "\"}";
          case "union" ->
              "[\"string\",{\"type\":\"record\",\"name\":\""
                  + CANARY
                  + "\",\"fields\":["
                  + field("x", "\"int\"")
                  + "]}]";
          default -> "\"string\"";
        };
    boolean branch = exceptionType.equals("union");
    String json =
        "{\"type\":\"record\",\"name\":\""
            + Topics.ERRORS.schema().getFullName()
            + "\",\"fields\":["
            + field("run_id", "\"long\"")
            + ","
            + field("attempt_id", "\"long\"")
            + ","
            + field("writer_id", "\"long\"")
            + ","
            + field("seq", "\"long\"")
            + ","
            + field("at", "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}")
            + ","
            + field("exception_type", type)
            + ","
            + field("more", branch ? "\"int\"" : more.toString())
            + "]}";
    GenericRecord record = new GenericData.Record(parsed(json));
    for (String id : List.of("run_id", "attempt_id", "writer_id", "seq", "at")) {
      record.put(id, 1L);
    }
    record.put("exception_type", branch ? moreValue : "E");
    record.put("more", branch ? 1 : moreValue);
    return record;
  }

  private static String field(String name, String type) {
    return "{\"name\":\"" + name + "\",\"type\":" + type + "}";
  }

  private static Schema parsed(String json) {
    return new Schema.Parser().parse(json);
  }

  private static byte[] encoded(GenericRecord record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(WireFormat.header(1));
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }
}
