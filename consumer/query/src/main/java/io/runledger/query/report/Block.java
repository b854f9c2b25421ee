package io.runledger.query.report;

import io.runledger.query.metrics.Curve;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A part of a report, whatever its format. All texts are as jobs gave them. */
sealed interface Block {

  /** What it is about, with its status in words where it is about one run. */
  record Head(String title, String status, String sentence) implements Block {}

  record Heading(String text) implements Block {}

  /** What a reader must know before the numbers. */
  record Notice(String text) implements Block {}

  /** Names and values, one line each. */
  record Facts(List<Fact> facts) implements Block {}

  record Fact(String name, String value) {}

  /** Columns whose title begins with # are numbers. */
  record Grid(List<String> titles, List<List<String>> rows) implements Block {
    static Grid of(String... titles) {
      return new Grid(Arrays.asList(titles), new ArrayList<>());
    }

    void row(String... cells) {
      rows.add(List.of(cells));
    }
  }

  /** A text with its lines; folded where one need not read it. */
  record Code(String summary, String text, boolean folded) implements Block {}

  record Charts(List<Chart> charts) implements Block {}

  /** A metric, of one run or of several. */
  record Chart(String metric, List<Line> lines) {}

  /**
   * A curve.
   *
   * @param number which of the report's runs it is of, from 0
   */
  record Line(String label, int number, Curve curve) {}
}
