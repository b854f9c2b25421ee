package io.runledger.bench.figures;

import io.runledger.bench.figures.Samples.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The curves of long benches as one SVG picture: one row each, with the rate over the points stored
 * so far on the left and the memory on the right.
 */
public final class Plot {

  private static final int PANEL_WIDTH = 380;
  private static final int PANEL_HEIGHT = 180;
  private static final int MARGIN = 70;
  private static final int ROW = PANEL_HEIGHT + MARGIN;

  /** Between the highest point of a line and its name. */
  private static final int CAPTION_GAP = 6;

  /**
   * Parts of a curve with a rate each: fewer would hide a dip, more would show the clock's
   * resolution.
   */
  private static final int PARTS = 50;

  private record Point(double x, double y) {}

  private record Line(String name, String color, List<Point> points) {}

  private final StringBuilder svg = new StringBuilder();

  private Plot() {}

  /** Draws all curves into {@code file}. */
  public static void draw(Map<String, List<Sample>> curves, Path file) {
    try {
      Files.writeString(file, new Plot().of(curves));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private String of(Map<String, List<Sample>> curves) {
    int width = 2 * (PANEL_WIDTH + MARGIN) + MARGIN / 2;
    int height = ROW * Math.max(1, curves.size()) + MARGIN / 2;
    add(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"
             font-family="sans-serif" font-size="12">
        <rect width="100%%" height="100%%" fill="white"/>
        """,
        width, height, width, height);
    int row = 0;
    for (Map.Entry<String, List<Sample>> curve : curves.entrySet()) {
      int top = row * ROW + MARGIN / 2;
      panel(
          MARGIN,
          top,
          curve.getKey() + ": thousand points/s",
          List.of(new Line("", "#1f5fa8", rates(curve.getValue()))));
      panel(
          2 * MARGIN + PANEL_WIDTH,
          top,
          curve.getKey() + ": memory, MB",
          List.of(
              new Line("resident", "#b5651d", memory(curve.getValue(), false)),
              new Line("live heap", "#2e7d32", memory(curve.getValue(), true))));
      row++;
    }
    add("</svg>\n");
    return svg.toString();
  }

  /** Thousands of points per second, over millions of points. */
  private static List<Point> rates(List<Sample> samples) {
    List<Point> rates = new ArrayList<>();
    long all = samples.get(samples.size() - 1).points();
    Sample from = samples.get(0);
    for (Sample sample : samples) {
      if (sample.points() > from.points() && sample.points() - from.points() >= all / PARTS) {
        double seconds = sample.seconds() - from.seconds();
        rates.add(
            new Point(sample.points() / 1e6, (sample.points() - from.points()) / seconds / 1e3));
        from = sample;
      }
    }
    return rates;
  }

  private static List<Point> memory(List<Sample> samples, boolean heap) {
    return samples.stream()
        .map(
            sample ->
                new Point(
                    sample.points() / 1e6,
                    (heap ? sample.heapBytes() : sample.residentBytes()) / 1e6))
        .toList();
  }

  private void panel(int left, int top, String title, List<Line> lines) {
    double right = highest(lines, true);
    double high = highest(lines, false);
    int bottom = top + PANEL_HEIGHT;
    add("<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>%n", left, top - 8, title);
    for (int part = 0; part <= 4; part++) {
      int y = bottom - part * PANEL_HEIGHT / 4;
      int x = left + part * PANEL_WIDTH / 4;
      add(
          "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#ddd\"/>%n",
          left, y, left + PANEL_WIDTH, y);
      add(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
          left - 6, y + 4, Figure.text(high * part / 4));
      add(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
          x, bottom + 16, Figure.text(right * part / 4));
    }
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">million points</text>%n",
        left + PANEL_WIDTH / 2, bottom + 32);
    for (Line line : lines) {
      StringBuilder path = new StringBuilder();
      for (Point point : line.points()) {
        path.append(
            String.format(
                Locale.ROOT,
                "%.1f,%.1f ",
                left + point.x() / right * PANEL_WIDTH,
                bottom - point.y() / high * PANEL_HEIGHT));
      }
      add(
          "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>%n",
          line.color(), path.toString().trim());
      double highestOfLine = line.points().stream().mapToDouble(Point::y).max().orElse(0);
      add(
          "<text x=\"%d\" y=\"%.1f\" fill=\"%s\" text-anchor=\"end\">%s</text>%n",
          left + PANEL_WIDTH - 6,
          bottom - highestOfLine / high * PANEL_HEIGHT - CAPTION_GAP,
          line.color(),
          line.name());
    }
  }

  /** The next round number above all that is drawn; a tiny excess over one is ignored. */
  private static double highest(List<Line> lines, boolean ofX) {
    double highest =
        lines.stream()
            .flatMap(line -> line.points().stream())
            .mapToDouble(point -> ofX ? point.x() : point.y())
            .max()
            .orElse(1);
    double unit = Math.pow(10, Math.floor(Math.log10(Math.max(highest, 1e-9))));
    return Math.ceil(highest / unit * 2 - 0.01) / 2 * unit;
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
