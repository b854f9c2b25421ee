package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Topics;
import io.runledger.spool.Acknowledgements.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A note that is wrong may cost time, and must not cost an event. */
class AcknowledgementsTest {

  private static final Place BEGINNING = new Place(1, 0);
  private static final Place FAR = new Place(7, 4_711);

  @TempDir private Path writer;

  private Path note() {
    return writer.resolve("acknowledged");
  }

  private void writeAll(Place place) throws IOException {
    Map<Topics, Place> places = new EnumMap<>(Topics.class);
    for (Topics topic : Topics.values()) {
      places.put(topic, place);
    }
    Acknowledgements.write(writer, places);
  }

  @Test
  void whatWasNotedIsReadForEachTopicByItself() throws IOException {
    Acknowledgements.write(writer, Map.of(Topics.METRICS, FAR));

    assertThat(Acknowledgements.read(writer))
        .hasSize(Topics.values().length)
        .containsEntry(Topics.METRICS, FAR)
        .containsEntry(Topics.RUNS, BEGINNING);
  }

  @Test
  void withoutANoteEverythingBeginsAtTheBeginning() throws IOException {
    assertThat(Acknowledgements.read(writer).values()).containsOnly(BEGINNING);
  }

  @Test
  void aLineThatWasDamagedCostsItsOwnTopicAlone() throws IOException {
    writeAll(FAR);
    Files.writeString(note(), Files.readString(note()).replace("metrics 7", "metrics 8"));

    assertThat(Acknowledgements.read(writer))
        .containsEntry(Topics.METRICS, BEGINNING)
        .containsEntry(Topics.ERRORS, FAR);
  }

  @Test
  void aPlaceBeyondAnyNumberIsNotBelieved() throws IOException {
    String line = "metrics 9999999999 1";
    Files.writeString(note(), line + " " + Acknowledgements.checksum(line) + "\n");

    assertThat(Acknowledgements.read(writer)).containsEntry(Topics.METRICS, BEGINNING);
  }

  @Test
  void aNoteThatIsNoFileOfOursIsNotRead() throws IOException {
    writeAll(FAR);
    Path elsewhere = writer.resolveSibling(writer.getFileName() + "-note");
    Files.move(note(), elsewhere);
    Files.createSymbolicLink(note(), elsewhere);
    assertThat(Acknowledgements.read(writer).values()).as("a link").containsOnly(BEGINNING);

    Files.delete(note());
    Files.writeString(note(), Files.readString(elsewhere) + "x".repeat(5_000));
    assertThat(Acknowledgements.read(writer).values()).as("a long one").containsOnly(BEGINNING);
    Files.delete(elsewhere);
  }

  @Test
  void writingReplacesWhateverStandsInTheWayAndFollowsNoLink() throws IOException {
    Path victim = Files.writeString(writer.resolve("victim"), "of somebody else");
    Files.createSymbolicLink(writer.resolve("acknowledged.new"), victim);

    writeAll(FAR);

    assertThat(victim).hasContent("of somebody else");
    assertThat(Acknowledgements.read(writer).values()).containsOnly(FAR);
  }

  @Test
  void deletingLeavesNothingOfIt() throws IOException {
    writeAll(FAR);
    Files.writeString(writer.resolve("acknowledged.new"), "half");

    Acknowledgements.delete(writer);

    assertThat(writer).isEmptyDirectory();
  }
}
