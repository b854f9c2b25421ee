package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.serde.RecordDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every version of a schema that was ever released stays readable by every later one, because the
 * topics keep what it wrote for ever.
 */
class SchemaEvolutionTest {

  private static final Path CURRENT = Path.of("src/main/avro");
  private static final Path RELEASED = Path.of("src/main/released");
  private static final int RECORDS = 200;

  /** A later version that reads what an earlier one wrote. */
  record Step(Topics topic, int writer, int reader) {}

  @ParameterizedTest
  @EnumSource(Topics.class)
  void todaysSchemaIsTheNewestReleasedOne(Topics topic) throws IOException {
    int newest = versions().size();

    assertThat(parsed(CURRENT, topic).toString())
        .as(
            "src/main/avro differs from src/main/released/%d: copy all of src/main/avro to"
                + " src/main/released/%d and add its sums to SHA256SUMS",
            newest, newest + 1)
        .isEqualTo(released(topic, newest).toString());
    assertThat(new Schema.Parser().parse(withoutStringType(topic.schema())))
        .isEqualTo(parsed(CURRENT, topic));
  }

  @Test
  void releasedVersionsAreNumberedWithoutHolesAndHoldAllTopics() throws IOException {
    List<Integer> versions = versions();

    for (int i = 0; i < versions.size(); i++) {
      assertThat(versions.get(i)).isEqualTo(i + 1);
      try (Stream<Path> files = Files.list(RELEASED.resolve(Integer.toString(i + 1)))) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrderElementsOf(
                Stream.of(Topics.values()).map(SchemaEvolutionTest::fileName).toList());
      }
    }
  }

  @Test
  void aReleasedFileNeverChanges() throws Exception {
    TreeMap<String, String> expected = new TreeMap<>();
    for (String line : Files.readAllLines(RELEASED.resolve("SHA256SUMS"))) {
      expected.put(line.substring(66), line.substring(0, 64));
    }
    TreeMap<String, String> found = new TreeMap<>();
    for (int version : versions()) {
      for (Topics topic : Topics.values()) {
        String name = version + "/" + fileName(topic);
        byte[] digest =
            MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(RELEASED.resolve(name)));
        found.put(name, HexFormat.of().formatHex(digest));
      }
    }

    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("steps")
  void everyVersionReadsAllThatEarlierOnesWrote(Step step) throws IOException {
    Schema writer = released(step.topic(), step.writer());
    Schema reader = released(step.topic(), step.reader());

    assertThat(complaints(reader, writer)).isEmpty();
    for (Object datum : new RandomData(writer, RECORDS, 20261123L)) {
      GenericRecord read =
          new GenericDatumReader<GenericRecord>(writer, reader)
              .read(null, DecoderFactory.get().binaryDecoder(encoded(writer, datum), null));
      for (Schema.Field field : reader.getFields()) {
        if (writer.getField(field.name()) != null
            && writer.getField(field.name()).schema().equals(field.schema())) {
          assertThat(json(read.get(field.pos())))
              .isEqualTo(json(((GenericRecord) datum).get(field.name())));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("steps")
  void ourClassesReadAllThatAnyVersionWrote(Step step) throws Exception {
    Schema writer = released(step.topic(), step.writer());
    RecordDecoder decoder = new RecordDecoder(id -> writer);

    for (Object datum : new RandomData(writer, RECORDS, new Random(7).nextLong())) {
      byte[] body = encoded(writer, datum);
      byte[] value = ByteBuffer.allocate(5 + body.length).put((byte) 0).putInt(1).put(body).array();

      assertThat(decoder.decode(step.topic(), value).getSchema()).isEqualTo(step.topic().schema());
    }
  }

  /** A segment of a version that is not known would be quarantined as somebody else's file. */
  @ParameterizedTest
  @EnumSource(Topics.class)
  void everyReleasedVersionIsKnownToReadersOfASpool(Topics topic) throws IOException {
    assertThat(ReleasedSchemas.of(topic).size())
        .as("ReleasedSchemas.NEWEST")
        .isEqualTo(versions().size());
    for (int version : versions()) {
      Schema written = released(topic, version);

      assertThat(ReleasedSchemas.sameAs(written, topic)).as("version %d", version).isPresent();
    }
  }

  /** The check above has to find what would break readers; these three are the usual ways. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "name":"seq"                             | "name":"number"
          "name":"exception_type","type":"string"  | "name":"exception_type","type":"int"
          "name":"seq","type":"long"               | "name":"seq","type":"int"
          """,
      quoteCharacter = '\'')
  void theCheckFindsAChangeThatBreaksReaders(String from, String to) {
    String old = withoutStringType(Topics.ERRORS.schema());
    assertThat(old).contains(from);

    Schema changed = new Schema.Parser().parse(old.replace(from, to));

    assertThat(complaints(changed, Topics.ERRORS.schema())).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(Topics.class)
  void everyTypeAndFieldSaysWhatItIs(Topics topic) throws IOException {
    List<String> undocumented = new ArrayList<>();
    collectUndocumented(parsed(CURRENT, topic), new HashSet<>(), undocumented);

    assertThat(undocumented).isEmpty();
  }

  static Stream<Step> steps() throws IOException {
    int newest = versions().size();
    List<Step> steps = new ArrayList<>();
    for (Topics topic : Topics.values()) {
      for (int writer = 1; writer <= newest; writer++) {
        for (int reader = writer; reader <= newest; reader++) {
          steps.add(new Step(topic, writer, reader));
        }
      }
    }
    return steps.stream();
  }

  private static List<String> complaints(Schema reader, Schema writer) {
    SchemaCompatibility.SchemaPairCompatibility found =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    return found.getType() == SchemaCompatibilityType.COMPATIBLE
        ? List.of()
        : found.getResult().getIncompatibilities().stream().map(Object::toString).toList();
  }

  private static void collectUndocumented(Schema schema, Set<String> seen, List<String> found) {
    switch (schema.getType()) {
      case RECORD, ENUM, FIXED -> {
        if (seen.add(schema.getFullName())) {
          if (isBlank(schema.getDoc())) {
            found.add(schema.getFullName());
          }
          if (schema.getType() == Schema.Type.RECORD) {
            for (Schema.Field field : schema.getFields()) {
              if (isBlank(field.doc())) {
                found.add(schema.getFullName() + "." + field.name());
              }
              collectUndocumented(field.schema(), seen, found);
            }
          }
        }
      }
      case ARRAY -> collectUndocumented(schema.getElementType(), seen, found);
      case MAP -> collectUndocumented(schema.getValueType(), seen, found);
      case UNION -> schema.getTypes().forEach(type -> collectUndocumented(type, seen, found));
      default -> {
        // a primitive type needs no words of its own
      }
    }
  }

  private static boolean isBlank(String doc) {
    return doc == null || doc.isBlank();
  }

  /** Generated classes say how Java holds a text; that is not a part of the released schema. */
  private static String withoutStringType(Schema schema) {
    return schema
        .toString()
        .replace("{\"type\":\"string\",\"avro.java.string\":\"String\"}", "\"string\"")
        .replace(",\"avro.java.string\":\"String\"", "")
        .replaceAll(",\"doc\":\"[^\"]*\"", "");
  }

  /** As JSON, because two maps or texts may be equal and of different classes. */
  private static JsonNode json(Object value) throws IOException {
    return new ObjectMapper().readTree(GenericData.get().toString(value));
  }

  private static List<Integer> versions() throws IOException {
    try (Stream<Path> directories = Files.list(RELEASED)) {
      return directories
          .filter(Files::isDirectory)
          .map(directory -> Integer.parseInt(directory.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  private static Schema released(Topics topic, int version) throws IOException {
    return parsed(RELEASED.resolve(Integer.toString(version)), topic);
  }

  private static Schema parsed(Path directory, Topics topic) throws IOException {
    return new Schema.Parser().parse(Files.readString(directory.resolve(fileName(topic))));
  }

  private static String fileName(Topics topic) {
    return topic.schema().getName() + ".avsc";
  }

  private static byte[] encoded(Schema schema, Object datum) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<Object>(schema).write(datum, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }
}
