package io.runledger.query.report;

import io.runledger.config.Printable;
import io.runledger.query.format.Sparkline;
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
import java.util.List;
import java.util.stream.Collectors;

/** A report as Markdown, as GitHub and GitLab show it. What jobs logged is never markup. */
final class Markdown {

  private final StringBuilder page = new StringBuilder();

  private Markdown() {}

  static String page(List<Block> blocks) {
    Markdown markdown = new Markdown();
    blocks.forEach(markdown::add);
    return markdown.page.toString();
  }

  /**
   * On one line, with what could be markup behind a backslash. None of our texts begins a line, so
   * that numbers and dashes need none.
   */
  static String escaped(String text) {
    return Printable.line(text)
        .replaceAll("([\\\\`*_{}\\[\\]#!|~@])", "\\\\$1")
        .replace("://", "\\://")
        .replace("www.", "www\\.")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;");
  }

  private void add(Block block) {
    if (block instanceof Head head) {
      page.append("# ").append(escaped(head.title())).append("\n\n");
      if (!head.status().isEmpty()) {
        page.append("**").append(escaped(head.status())).append("**\n\n");
      }
      if (!head.sentence().isEmpty()) {
        page.append(escaped(head.sentence())).append("\n\n");
      }
    } else if (block instanceof Heading heading) {
      page.append("## ").append(escaped(heading.text())).append("\n\n");
    } else if (block instanceof Notice notice) {
      page.append("> **").append(escaped(notice.text())).append("**\n\n");
    } else if (block instanceof Facts facts) {
      for (Fact fact : facts.facts()) {
        page.append("- ").append(escaped(fact.name())).append(": ");
        page.append(escaped(fact.value())).append('\n');
      }
      page.append('\n');
    } else if (block instanceof Grid grid) {
      row(grid.titles().stream().map(title -> title.replaceFirst("^#", "")).toList());
      page.append(
          grid.titles().stream()
              .map(title -> title.startsWith("#") ? " ---: " : " --- ")
              .collect(Collectors.joining("|", "|", "|\n")));
      grid.rows().forEach(this::row);
      page.append('\n');
    } else if (block instanceof Code code) {
      code(code);
    } else if (block instanceof Charts charts) {
      charts.charts().forEach(this::chart);
      page.append('\n');
    }
  }

  private void row(List<String> cells) {
    page.append(
        cells.stream().map(Markdown::escaped).collect(Collectors.joining(" | ", "| ", " |\n")));
  }

  private void code(Code code) {
    if (!code.summary().isEmpty()) {
      page.append(escaped(code.summary())).append("\n\n");
    }
    String text = Printable.lines(code.text());
    String fence = "```";
    while (text.contains(fence)) {
      fence += "`";
    }
    page.append(fence).append('\n').append(text).append('\n').append(fence).append("\n\n");
  }

  private void chart(Chart chart) {
    for (Line line : chart.lines()) {
      String run = chart.lines().size() > 1 ? " of " + line.label() : "";
      page.append("- ").append(escaped(chart.metric() + run)).append(": `");
      page.append(Sparkline.of(line.curve())).append("`\n");
    }
  }
}
