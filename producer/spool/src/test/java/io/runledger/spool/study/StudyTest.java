package io.runledger.spool.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Sha256;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpooledEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes out of a study is what went in, or nothing. */
class StudyTest {

  private static final Instant AT = Instant.parse("2026-11-30T04:00:00.000001Z");

  @TempDir private Path directory;

  private Path spool() {
    return directory.resolve("spool");
  }

  private static List<SpecificRecord> events() {
    List<SpecificRecord> events = new ArrayList<>();
    for (long run = 1; run <= 3; run++) {
      events.add(new Envelope(run, 10, 20, 0, AT).runEvent(new Heartbeat(30)));
      MetricRow nan =
          MetricRow.newBuilder()
              .setAt(AT)
              .setStep(1L)
              .setValues(Map.of("loss", Double.NaN))
              .build();
      MetricRow zero =
          MetricRow.newBuilder().setAt(AT).setStep(2L).setValues(Map.of("loss", -0.0)).build();
      events.add(new Envelope(run, 10, 20, 0, AT).metrics(List.of(nan, zero)));
      events.add(
          new Envelope(run, 10, 20, 0, AT)
              .error(ErrorLogged.newBuilder().setExceptionType("E" + run).setMessage("ü")));
    }
    return events;
  }

  private Path study(List<SpecificRecord> events) throws IOException {
    Path file = directory.resolve("study.rls");
    try (StudyWriter writer = StudyWriter.create(file, AT)) {
      for (SpecificRecord event : events) {
        writer.add(event);
      }
      writer.complete(List.of());
    }
    return file;
  }

  private StudyImport.Imported imported(Path file) throws IOException {
    return StudyImport.into(spool(), file, bytes -> {});
  }

  private List<SpecificRecord> spooled() throws IOException {
    List<SpecificRecord> found = new ArrayList<>();
    for (Topics topic : Topics.values()) {
      found.addAll(SpooledEvents.of(spool(), topic));
    }
    return found;
  }

  private void nothingIsImported() throws IOException {
    if (Files.exists(spool())) {
      try (Stream<Path> files = Files.list(spool())) {
        assertThat(files).isEmpty();
      }
    }
  }

  private void isRefused(Path file, String... words) throws IOException {
    assertThatThrownBy(() -> imported(file))
        .isInstanceOf(StudyRefusedException.class)
        .hasMessageStartingWith(file + " is refused, and nothing of it was imported: ")
        .hasMessageContainingAll(words);
    nothingIsImported();
  }

  /** The entries of a study, in their order. */
  private static Map<String, byte[]> entries(Path file) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  /** A file of these entries that says its own digest, as somebody would make it who knows how. */
  private Path forged(Map<String, byte[]> entries) throws IOException {
    Path file = directory.resolve("forged.rls");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setComment("0".repeat(Digests.LENGTH));
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return signed(file);
  }

  private static Path signed(Path file) throws IOException {
    long end = Files.size(file) - Digests.LENGTH;
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(end);
      open.write(Digests.of(file, end, bytes -> {}).getBytes(StandardCharsets.US_ASCII));
    }
    return file;
  }

  private static void replaceInManifest(Map<String, byte[]> entries, String what, String by) {
    String manifest = new String(entries.get("manifest.json"), StandardCharsets.UTF_8);
    assertThat(manifest).contains(what);
    entries.put("manifest.json", manifest.replace(what, by).getBytes(StandardCharsets.UTF_8));
  }

  /** Replaces a file, and what the manifest says of its bytes. */
  private static void replace(Map<String, byte[]> entries, String name, byte[] bytes) {
    byte[] before = entries.put(name, bytes);
    replaceInManifest(entries, Sha256.hex(before), Sha256.hex(bytes));
    replaceInManifest(entries, "\"bytes\" : " + before.length, "\"bytes\" : " + bytes.length);
  }

  @Test
  void theEventsComeBackAsTheyWereWithTheirNumbers() throws IOException {
    Path file = study(events());

    StudyImport.Imported imported = imported(file);

    assertThat(imported.isNew()).isTrue();
    assertThat(imported.manifest().runs())
        .containsOnlyKeys(new RunId(1), new RunId(2), new RunId(3))
        .containsValue(4L);
    assertThat(imported.manifest().events()).isEqualTo(12);
    assertThat(imported.manifest().logCalls()).isEqualTo(6);
    assertThat(spooled()).containsExactlyInAnyOrderElementsOf(events());
    Path writer = SpoolDirectory.writers(spool()).get(0);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(writer)))
        .isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(writer)) {
      assertThat(files)
          .hasSize(4)
          .allSatisfy(
              each ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                      .isEqualTo("rw-------"));
    }
  }

  @Test
  void importedAgainItAddsNothing() throws IOException {
    Path file = study(events());
    imported(file);

    StudyImport.Imported again = imported(Files.copy(file, directory.resolve("copy.rls")));

    assertThat(again.isNew()).isFalse();
    assertThat(spooled()).hasSameSizeAs(events());
    assertThat(SpoolDirectory.writers(spool())).hasSize(1);
  }

  @Test
  void manyEventsFillSeveralSegments() throws IOException {
    List<SpecificRecord> events = new ArrayList<>();
    Random random = new Random(7);
    for (int seq = 0; seq < 120_000; seq++) {
      MetricRow row =
          MetricRow.newBuilder()
              .setAt(AT.plusMillis(seq))
              .setStep((long) seq)
              .setValues(Map.of("train/loss", random.nextDouble(), "val/loss", random.nextDouble()))
              .build();
      events.add(new Envelope(1, 10, 20, seq, AT).metrics(List.of(row)));
    }

    Path file = study(events);
    imported(file);

    assertThat(entries(file))
        .containsKeys("events/metrics-000001.avro", "events/metrics-000002.avro");
    assertThat(spooled()).isEqualTo(events);
    assertThat(Files.size(file)).isLessThan(4L << 20);
  }

  @Test
  void aChangedByteAnywhereIsRefused() throws IOException {
    byte[] sound = Files.readAllBytes(study(events()));
    Path changed = directory.resolve("changed.rls");

    for (int at = 0; at < sound.length; at += 13) {
      byte[] bytes = sound.clone();
      bytes[at] ^= 0x10;
      Files.write(changed, bytes);
      assertThatThrownBy(() -> imported(changed))
          .as("byte %d of %d", at, sound.length)
          .isInstanceOf(StudyRefusedException.class);
    }
    nothingIsImported();
  }

  @Test
  void aStudyThatIsCutOffIsRefused() throws IOException {
    byte[] sound = Files.readAllBytes(study(events()));
    Path cut = directory.resolve("cut.rls");

    for (int length : new int[] {0, 10, sound.length / 2, sound.length - 1}) {
      Files.write(cut, Arrays.copyOf(sound, length));
      isRefused(cut, "it is not a study, or not all of one");
    }
  }

  @Test
  void aMissingAndAnAddedFileAreRefused() throws IOException {
    Map<String, byte[]> entries = entries(study(events()));

    Map<String, byte[]> fewer = new LinkedHashMap<>(entries);
    fewer.remove("events/errors-000001.avro");
    isRefused(forged(fewer), "it lacks events/errors-000001.avro");
    Map<String, byte[]> more = new LinkedHashMap<>(entries);
    more.put("events/errors-000002.avro", entries.get("events/errors-000001.avro"));
    isRefused(forged(more), "that its manifest does not name, 'events/errors-000002.avro'");
    Map<String, byte[]> none = new LinkedHashMap<>(entries);
    none.remove("manifest.json");
    isRefused(forged(none), "it has no manifest.json");
  }

  @Test
  void aFileThatDiffersFromItsManifestIsRefused() throws IOException {
    Map<String, byte[]> entries = entries(study(events()));
    byte[] schema = entries.get("schemas/RunEvent.avsc").clone();
    schema[5] ^= 1;
    entries.put("schemas/RunEvent.avsc", schema);

    isRefused(forged(entries), "schemas/RunEvent.avsc was changed: its SHA-256 is ");
  }

  @Test
  void countsThatAreWrongAreRefused() throws IOException {
    Path study = study(events());

    Map<String, byte[]> ofAll = entries(study);
    replaceInManifest(ofAll, "\"events\" : 12", "\"events\" : 13");
    isRefused(forged(ofAll), "its manifest counts 13 events, and 12 of its runs");
    Map<String, byte[]> ofFile = entries(study);
    replaceInManifest(ofFile, "\"events\" : 6", "\"events\" : 7");
    isRefused(forged(ofFile), "events/metrics-000001.avro has 6 events, and its manifest counts 7");
    Map<String, byte[]> ofRun = entries(study);
    replaceInManifest(ofRun, new RunId(3).toString(), new RunId(4).toString());
    isRefused(forged(ofRun), "it has 0 events of run " + new RunId(4));
  }

  @Test
  void aNameThatLeavesTheDirectoryIsRefused() throws IOException {
    for (String name :
        List.of("../../errors-000001.avro", "/tmp/errors-000001.avro", "events/../errors.avro")) {
      Map<String, byte[]> entries = entries(study(events()));
      entries.put(name, entries.remove("events/errors-000001.avro"));
      replaceInManifest(entries, "events/errors-000001.avro", name);
      isRefused(forged(entries), "its manifest names a file that no study has, '" + name + "'");
    }
    assertThat(directory.resolve("errors-000001.avro")).doesNotExist();
  }

  @Test
  void aZipBombIsRefusedBeforeItIsUnpacked() throws IOException {
    byte[] zeros = new byte[60 << 20];
    Map<String, byte[]> lying = entries(study(events()));
    lying.put("events/errors-000001.avro", zeros);
    isRefused(forged(lying), "events/errors-000001.avro has more than the ");

    Map<String, byte[]> honest = entries(study(events()));
    replace(honest, "events/errors-000001.avro", zeros);
    replace(honest, "events/runs-000001.avro", zeros.clone());
    isRefused(forged(honest), "would unpack to", "which no study does");

    Map<String, byte[]> huge = entries(study(events()));
    int bytes = huge.get("events/errors-000001.avro").length;
    replaceInManifest(huge, "\"bytes\" : " + bytes, "\"bytes\" : " + (1L << 40));
    isRefused(forged(huge), "would unpack to 1,099,511,627,776 bytes");
  }

  @Test
  void bytesThatAreNoEventsAreRefused() throws IOException {
    Map<String, byte[]> longer = entries(study(events()));
    byte[] segment = longer.get("events/errors-000001.avro");
    replace(longer, "events/errors-000001.avro", Arrays.copyOf(segment, segment.length + 7));
    isRefused(forged(longer), "events/errors-000001.avro has bytes that are no events");

    Map<String, byte[]> foreign = entries(study(events()));
    replace(foreign, "events/errors-000001.avro", foreign.get("events/runs-000001.avro"));
    isRefused(forged(foreign), "events/errors-000001.avro cannot be read");
  }

  /** A block of it could unpack to anything. */
  @Test
  void aSegmentThatIsCompressedIsRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<Object> writer = new DataFileWriter<>(new GenericDatumWriter<>())) {
      writer.setCodec(CodecFactory.deflateCodec(9));
      writer.create(Topics.ERRORS.schema(), bytes);
    }
    Map<String, byte[]> entries = entries(study(events()));
    replace(entries, "events/errors-000001.avro", bytes.toByteArray());

    isRefused(forged(entries), "is compressed, and segments of a study are not");
  }

  @Test
  void aStudyOfALaterVersionSaysSo() throws IOException {
    Map<String, byte[]> entries = entries(study(events()));
    replaceInManifest(entries, "\"version\" : 1", "\"version\" : 2");

    isRefused(forged(entries), "its version is 2", "import it with a newer one");
  }

  @Test
  void whatIsNotCompleteLeavesWhatWasThere() throws IOException {
    Path file = Files.writeString(directory.resolve("study.rls"), "before");
    try (StudyWriter writer = StudyWriter.create(file, AT)) {
      writer.add(events().get(0));
    }

    assertThat(file).hasContent("before");
    assertThat(directory).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void anImportThatWasKilledIsBegunAgain() throws IOException {
    Path file = study(events());
    imported(file);
    Path whole = SpoolDirectory.writers(spool()).get(0);
    Path half = spool().resolve(".new-" + whole.getFileName());
    Files.move(whole, half);
    Files.delete(half.resolve("errors-000001.avro"));

    assertThat(imported(file).isNew()).isTrue();
    assertThat(spooled()).hasSameSizeAs(events());
  }
}
