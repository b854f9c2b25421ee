package io.runledger.query.report;

import io.runledger.config.Printable;
import io.runledger.query.report.Block.Chart;
import io.runledger.query.report.Block.Charts;
import io.runledger.query.report.Block.Code;
import io.runledger.query.report.Block.Fact;
import io.runledger.query.report.Block.Facts;
import io.runledger.query.report.Block.Grid;
import io.runledger.query.report.Block.Head;
import io.runledger.query.report.Block.Heading;
import io.runledger.query.report.Block.Line;
import io.runledger.query.report.Block.Notice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A report as one file of HTML that fetches nothing and runs nothing. What jobs logged is never
 * markup.
 */
final class Html {

  private final StringBuilder page = new StringBuilder();

  private Html() {}

  static String page(String title, List<Block> blocks) {
    Html html = new Html();
    html.page.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        """
            .formatted(escaped(title), style()));
    blocks.forEach(html::add);
    html.page.append("</main>\n</body>\n</html>\n");
    return html.page.toString();
  }

  private static String style() {
    try (InputStream css = Html.class.getResourceAsStream("report.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As text, and as the value of an attribute in double quotes. */
  static String escaped(String text) {
    return Printable.lines(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private void add(Block block) {
    if (block instanceof Head head) {
      page.append("<header><h1 dir=\"auto\">%s</h1>\n".formatted(escaped(head.title())));
      if (!head.status().isEmpty()) {
        String word = head.status().split(" ", 2)[0];
        page.append(
            "<p class=\"status %s\"><span aria-hidden=\"true\">%s</span> %s</p>\n"
                .formatted(escaped(word), sign(word), escaped(head.status())));
      }
      if (!head.sentence().isEmpty()) {
        page.append("<p dir=\"auto\">%s</p>".formatted(escaped(head.sentence())));
      }
      page.append("</header>\n");
    } else if (block instanceof Heading heading) {
      page.append("<h2>%s</h2>\n".formatted(escaped(heading.text())));
    } else if (block instanceof Notice notice) {
      page.append("<p class=\"notice\" dir=\"auto\">%s</p>\n".formatted(escaped(notice.text())));
    } else if (block instanceof Facts facts) {
      page.append("<dl>\n");
      facts.facts().forEach(this::fact);
      page.append("</dl>\n");
    } else if (block instanceof Grid grid) {
      grid(grid);
    } else if (block instanceof Code code) {
      code(code);
    } else if (block instanceof Charts charts) {
      page.append("<div class=\"charts\">\n");
      charts.charts().forEach(this::chart);
      page.append("</div>\n");
    }
  }

  /** Status is never colour alone. */
  private static String sign(String word) {
    return switch (word) {
      case "running" -> "●";
      case "completed" -> "✓";
      case "failed" -> "✕";
      case "timeout" -> "◷";
      default -> "○";
    };
  }

  private void fact(Fact fact) {
    page.append(
        "<dt>%s</dt><dd dir=\"auto\">%s</dd>\n"
            .formatted(escaped(fact.name()), escaped(fact.value())));
  }

  private void grid(Grid grid) {
    page.append("<div class=\"wide\"><table><thead><tr>");
    for (String title : grid.titles()) {
      page.append(
          "<th scope=\"col\"%s>%s</th>"
              .formatted(number(title), escaped(title.replaceFirst("^#", ""))));
    }
    page.append("</tr></thead><tbody>\n");
    for (List<String> row : grid.rows()) {
      page.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        page.append(
            "<td%s dir=\"auto\">%s</td>"
                .formatted(number(grid.titles().get(i)), escaped(row.get(i))));
      }
      page.append("</tr>\n");
    }
    page.append("</tbody></table></div>\n");
  }

  private static String number(String title) {
    return title.startsWith("#") ? " class=\"number\"" : "";
  }

  private void code(Code code) {
    String text = "<pre>" + escaped(code.text()) + "</pre>";
    page.append(
        code.folded()
            ? "<details><summary dir=\"auto\">%s</summary>%s</details>\n"
                .formatted(escaped(code.summary()), text)
            : (code.summary().isEmpty() ? "" : "<h3>" + escaped(code.summary()) + "</h3>")
                + text
                + "\n");
  }

  private void chart(Chart chart) {
    page.append(
        "<figure><figcaption dir=\"auto\">%s</figcaption>".formatted(escaped(chart.metric())));
    page.append(Drawing.svg(chart));
    if (chart.lines().size() > 1) {
      page.append("<ul>");
      for (Line line : chart.lines()) {
        page.append(
            "<li dir=\"auto\"><i class=\"c%d\"></i>%s</li>"
                .formatted(line.number() % Drawing.COLOURS, escaped(line.label())));
      }
      page.append("</ul>");
    }
    page.append("</figure>\n");
  }
}
