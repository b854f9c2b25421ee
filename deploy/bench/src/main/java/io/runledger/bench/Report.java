package io.runledger.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Samples.Sample;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What was measured, as a table for people and as JSON for programs. */
final class Report {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String ROW = "%-8s %-34s %12s %-11s %12s %6s  %-9s %s%n";

  private final Session.Options options;
  private final List<Figure> figures;
  private final Map<String, List<Sample>> curves;

  Report(Session session) {
    options = session.options();
    figures = session.figures();
    curves = session.curves();
  }

  void print(PrintWriter out) {
    out.printf(ROW, "bench", "what", "measured", "unit", "reference", "ratio", "budget", "");
    for (Figure figure : figures) {
      out.printf(
          Locale.ROOT,
          ROW,
          figure.bench(),
          figure.name(),
          Figure.text(figure.value()),
          figure.unit(),
          figure.reference().isPresent() ? Figure.text(figure.reference().getAsDouble()) : "-",
          figure.ratio().isPresent() ? Figure.text(figure.ratio().getAsDouble()) : "-",
          figure.budget().map(Figure.Budget::toString).orElse("-"),
          figure.met().map(met -> met ? "met" : "NOT MET").orElse(""));
    }
    out.flush();
  }

  void write(Path file) {
    ObjectNode root = JSON.createObjectNode();
    machine(root.putObject("machine"));
    load(root.putObject("load"));
    ArrayNode all = root.putArray("figures");
    figures.forEach(figure -> describe(figure, all.addObject()));
    ObjectNode drawn = root.putObject("curves");
    curves.forEach(
        (name, samples) -> {
          ArrayNode points = drawn.putArray(name);
          samples.forEach(
              sample ->
                  points
                      .addObject()
                      .put("seconds", sample.seconds())
                      .put("points", sample.points())
                      .put("live_heap_bytes", sample.heapBytes())
                      .put("resident_bytes", sample.residentBytes()));
        });
    try {
      JSON.writeValue(file.toFile(), root);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static void machine(ObjectNode machine) {
    Runtime runtime = Runtime.getRuntime();
    machine
        .put("processors", runtime.availableProcessors())
        .put("heap_limit_bytes", runtime.maxMemory())
        .put("java", Runtime.version().toString())
        .put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
  }

  private void load(ObjectNode load) {
    load.put("points", options.workload().points())
        .put("runs", options.workload().runs())
        .put("concurrent", options.workload().concurrent())
        .put("calls_per_record", options.workload().callsPerRecord())
        .put("seed", options.workload().seed())
        .put("rounds", options.rounds());
  }

  private static void describe(Figure figure, ObjectNode node) {
    node.put("bench", figure.bench())
        .put("name", figure.name())
        .put("value", figure.value())
        .put("unit", figure.unit());
    figure
        .reference()
        .ifPresent(
            reference ->
                node.put("reference", reference).put("reference_name", figure.referenceName()));
    figure.ratio().ifPresent(ratio -> node.put("ratio", ratio));
    Optional<Figure.Budget> budget = figure.budget();
    budget.ifPresent(bound -> node.put("budget", bound.toString()));
    figure.met().ifPresent(met -> node.put("met", met));
  }
}
