package io.runledger.query.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** Rows on their way out in one of the three forms, of which none is kept for long. */
public final class Sheet<T> {

  private final Consumer<T> printer;
  private final Runnable flush;
  private final Runnable end;
  private long rows;

  private Sheet(Consumer<T> printer, Runnable flush, Runnable end) {
    this.printer = printer;
    this.flush = flush;
    this.end = end;
  }

  /** A document with one list in it. */
  public static <T> Sheet<T> json(
      PrintWriter out, ObjectNode head, String list, Function<T, ? extends JsonNode> form) {
    JsonStream document = new JsonStream(out).object(head).array(list);
    return new Sheet<>(
        row -> document.add(form.apply(row)),
        out::flush,
        () -> document.endArray().endObject().close());
  }

  /** One line a row. */
  public static <T> Sheet<T> csv(
      PrintWriter out, List<String> titles, BiConsumer<CsvOutput, T> form) {
    CsvOutput csv = new CsvOutput(out, titles);
    return new Sheet<>(
        row -> {
          form.accept(csv, row);
          csv.endRow();
        },
        csv::flush,
        csv::flush);
  }

  /** A table, which is not begun before there is a row. */
  public static <T> Sheet<T> table(
      PrintWriter out, TextTable table, Function<T, List<String>> form) {
    Runnable print =
        () -> {
          if (!table.isEmpty()) {
            table.print(out);
          }
        };
    return new Sheet<>(
        row -> table.row(out, form.apply(row)),
        () -> {
          print.run();
          out.flush();
        },
        print);
  }

  /** Whatever one row prints. */
  public static <T> Sheet<T> pieces(Consumer<T> printer) {
    return new Sheet<>(printer, () -> {}, () -> {});
  }

  public void row(T row) {
    rows++;
    printer.accept(row);
  }

  /** Lets go of the rows so far, for a reader who waits for them; more may follow. */
  public void flush() {
    flush.run();
  }

  /** How many rows there were. */
  public long end() {
    end.run();
    return rows;
  }
}
