package io.runledger.query.report;

import io.runledger.query.format.Numbers;
import io.runledger.query.metrics.Curve.Bucket;
import io.runledger.query.report.Block.Chart;
import io.runledger.query.report.Block.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A chart as SVG: of each line the mean, behind it the band from the lowest to the highest value,
 * so that no spike is lost; × at the bottom where values are NaN, triangles at the edges where they
 * are infinite.
 */
final class Drawing {

  private static final int WIDTH = 440;
  private static final int HEIGHT = 220;
  private static final int LEFT = 56;
  private static final int RIGHT = 12;
  private static final int TOP = 10;
  private static final int BOTTOM = 34;

  private static final int WIDTH_OF_A_MARK = 11;

  /** Colours that the style has. */
  static final int COLOURS = 10;

  private final Chart chart;
  private final boolean bySteps;
  private final Axis across;
  private final Axis up;
  private final Map<String, Double> lastMarks = new HashMap<>();
  private final StringBuilder svg = new StringBuilder();

  /** A place in the curve; its height may be NaN or infinite. */
  private record Spot(double across, Bucket bucket) {}

  private Drawing(Chart chart) {
    this.chart = chart;
    this.bySteps =
        chart.lines().stream()
            .flatMap(line -> line.curve().buckets().stream())
            .allMatch(bucket -> bucket.firstStep().isPresent() && bucket.lastStep().isPresent());
    double[] places = spots().mapToDouble(Spot::across).sorted().toArray();
    this.across =
        Axis.of(
            places.length == 0 ? 0 : places[0],
            places.length == 0 ? 1 : places[places.length - 1],
            LEFT,
            WIDTH - RIGHT);
    double[] heights =
        spots()
            .flatMapToDouble(spot -> DoubleStream.of(spot.bucket().low(), spot.bucket().high()))
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    this.up =
        Axis.of(
            heights.length == 0 ? 0 : heights[0],
            heights.length == 0 ? 1 : heights[heights.length - 1],
            HEIGHT - BOTTOM,
            TOP);
  }

  static String svg(Chart chart) {
    return new Drawing(chart).draw();
  }

  private Stream<Spot> spots() {
    return chart.lines().stream().flatMap(line -> spots(line).stream());
  }

  /** By step; by the number of points before where some were logged without. */
  private List<Spot> spots(Line line) {
    List<Spot> spots = new ArrayList<>();
    double before = 0;
    for (Bucket bucket : line.curve().buckets()) {
      double middle =
          bySteps
              ? bucket.firstStep().getAsLong() / 2.0 + bucket.lastStep().getAsLong() / 2.0
              : before + (bucket.points() - 1) / 2.0;
      spots.add(new Spot(middle, bucket));
      before += bucket.points();
    }
    return spots;
  }

  private String draw() {
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
            .formatted(WIDTH, HEIGHT, Html.escaped("Curve of " + chart.metric())));
    axes();
    chart.lines().forEach(this::band);
    chart.lines().forEach(this::line);
    chart.lines().forEach(this::marks);
    return svg.append("</svg>").toString();
  }

  private void axes() {
    up.ticks(5)
        .forEach(
            tick -> {
              double y = up.place(tick.doubleValue());
              stroke("grid", LEFT, y, WIDTH - RIGHT, y);
              text(LEFT - 6, y + 4, "end", Numbers.sixDigits(tick.doubleValue()));
            });
    across
        .ticks(6)
        .forEach(
            tick -> {
              double x = across.place(tick.doubleValue());
              stroke("tick", x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4.0);
              text(x, HEIGHT - BOTTOM + 16.0, "middle", Numbers.sixDigits(tick.doubleValue()));
            });
    stroke("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
    text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 4.0, "middle", bySteps ? "step" : "point");
  }

  /** Pieces of it end where nothing is finite. */
  private void band(Line line) {
    List<Spot> piece = new ArrayList<>();
    for (Spot spot : spots(line)) {
      if (isFinite(spot.bucket())) {
        piece.add(spot);
      } else {
        band(line, piece);
      }
    }
    band(line, piece);
  }

  private static boolean isFinite(Bucket bucket) {
    return Double.isFinite(bucket.mean());
  }

  private void band(Line line, List<Spot> piece) {
    boolean wide = piece.stream().anyMatch(spot -> spot.bucket().low() < spot.bucket().high());
    if (wide) {
      StringBuilder points = new StringBuilder();
      piece.forEach(spot -> point(points, spot.across(), edge(spot.bucket().high(), spot)));
      for (int i = piece.size() - 1; i >= 0; i--) {
        point(points, piece.get(i).across(), edge(piece.get(i).bucket().low(), piece.get(i)));
      }
      svg.append("<polygon class=\"band c%d\" points=\"%s\"/>".formatted(colour(line), points));
    }
    piece.clear();
  }

  /** An infinite edge is drawn as far as the axis goes. */
  private double edge(double value, Spot spot) {
    if (Double.isFinite(value)) {
      return value;
    }
    return value > spot.bucket().mean() ? up.high() : up.low();
  }

  private void line(Line line) {
    List<Spot> piece = new ArrayList<>();
    for (Spot spot : spots(line)) {
      if (isFinite(spot.bucket())) {
        piece.add(spot);
      } else {
        line(line, piece);
      }
    }
    line(line, piece);
  }

  private void line(Line line, List<Spot> piece) {
    String dashes = line.number() >= COLOURS ? " dashed" : "";
    if (piece.size() == 1) {
      svg.append(
          "<circle class=\"dot c%d\" cx=\"%s\" cy=\"%s\" r=\"2.5\"/>"
              .formatted(
                  colour(line),
                  digits(across.place(piece.get(0).across())),
                  digits(up.place(piece.get(0).bucket().mean()))));
    } else if (!piece.isEmpty()) {
      StringBuilder points = new StringBuilder();
      piece.forEach(spot -> point(points, spot.across(), spot.bucket().mean()));
      svg.append(
          "<polyline class=\"line c%d%s\" points=\"%s\"/>".formatted(colour(line), dashes, points));
    }
    piece.clear();
  }

  private void marks(Line line) {
    for (Spot spot : spots(line)) {
      double x = across.place(spot.across());
      Bucket bucket = spot.bucket();
      if (bucket.nanCount() > 0) {
        mark(line, x, HEIGHT - BOTTOM - 4.0, "×", bucket.nanCount() + " NaN");
      }
      if (bucket.high() == Double.POSITIVE_INFINITY) {
        mark(line, x, TOP + 8.0, "▲", "Infinity");
      }
      if (bucket.low() == Double.NEGATIVE_INFINITY) {
        mark(line, x, HEIGHT - BOTTOM - 1.0, "▼", "-Infinity");
      }
    }
  }

  /** Where they would touch, the first of them is drawn. */
  private void mark(Line line, double x, double y, String sign, String meaning) {
    String kind = sign + line.number();
    if (x < lastMarks.getOrDefault(kind, Double.NEGATIVE_INFINITY) + WIDTH_OF_A_MARK) {
      return;
    }
    lastMarks.put(kind, x);
    svg.append(
        "<text class=\"mark c%d\" x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s<title>%s</title></text>"
            .formatted(colour(line), digits(x), digits(y), sign, meaning));
  }

  private static int colour(Line line) {
    return line.number() % COLOURS;
  }

  private void point(StringBuilder points, double x, double y) {
    points.append(points.isEmpty() ? "" : " ");
    points.append(digits(across.place(x))).append(',').append(digits(up.place(y)));
  }

  private void stroke(String kind, double x1, double y1, double x2, double y2) {
    svg.append(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
            .formatted(kind, digits(x1), digits(y1), digits(x2), digits(y2)));
  }

  private void text(double x, double y, String anchor, String text) {
    svg.append(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>"
            .formatted(digits(x), digits(y), anchor, Html.escaped(text)));
  }

  private static String digits(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
