package io.runledger.bench.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.bench.figures.Figure.Budget;
import io.runledger.bench.figures.Samples.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class FigureTest {

  private final Figure rate = Figure.of("ingest", "live", 60, "points/s");

  @Test
  void aBudgetOnTheRatioNeedsAReference() {
    assertThat(rate.within(Budget.ratioAtLeast(0.7)).met()).isEmpty();
    assertThat(rate.beside("loop", 80).within(Budget.ratioAtLeast(0.7)).met()).contains(true);
    assertThat(rate.beside("loop", 100).within(Budget.ratioAtLeast(0.7)).met()).contains(false);
    assertThat(rate.beside("loop", 80).ratio()).hasValue(0.75);
    assertThat(rate.beside("nothing", 0).ratio()).isEmpty();
  }

  @Test
  void aBudgetOnTheValueIsAnUpperBound() {
    assertThat(rate.within(Budget.atMost(60)).met()).contains(true);
    assertThat(rate.within(Budget.atMost(59)).met()).contains(false);
    assertThat(rate.met()).isEmpty();
  }

  @Test
  void numbersHaveThreeDigits() {
    assertThat(Figure.text(0.12345)).isEqualTo("0.123");
    assertThat(Figure.text(1.2345)).isEqualTo("1.23");
    assertThat(Figure.text(12.345)).isEqualTo("12.3");
    assertThat(Figure.text(1_234_567.8)).isEqualTo("1,234,568");
    assertThat(Budget.ratioAtLeast(0.7)).hasToString(">= 0.700 x");
  }

  @Test
  void aPercentileIsOneOfTheValues() {
    double[] values = {5, 1, 4, 2, 3};

    assertThat(Numbers.median(values)).isEqualTo(3);
    assertThat(Numbers.percentile(values, 0.999)).isEqualTo(5);
    assertThat(Numbers.percentile(values, 0.01)).isEqualTo(1);
    assertThat(values).containsExactly(5, 1, 4, 2, 3);
  }

  @Test
  void thePlotHasALineForEachCurve(@TempDir Path directory) throws Exception {
    List<Sample> samples =
        List.of(
            new Sample(0, 0, 1_000_000, 90_000_000),
            new Sample(1, 500_000, 2_000_000, 91_000_000),
            new Sample(2, 1_100_000, 2_000_000, 91_000_000));
    Path file = directory.resolve("plot.svg");

    Plot.draw(Map.of("ingest", samples), file);

    Document picture =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    assertThat(picture.getElementsByTagName("polyline").getLength()).isEqualTo(3);
    assertThat(Files.readString(file)).contains("ingest: thousand points/s", "live heap");
  }
}
