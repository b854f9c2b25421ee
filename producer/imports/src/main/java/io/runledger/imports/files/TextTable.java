package io.runledger.imports.files;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.runledger.config.Counted;
import io.runledger.imports.lines.Losses;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A table in a text file, with a header, read row by row. A last row without a line feed is not
 * given: whoever writes the file may be in the middle of it. Not thread-safe.
 */
public final class TextTable implements Iterator<TextTable.Row>, AutoCloseable {

  /**
   * A row.
   *
   * @param line the number of its line, from 1
   * @param fields its values; there may be more or fewer of them than columns
   * @param values those that are not blank, by the names of their columns; of several columns with
   *     a name, the first one's
   */
  public record Row(long line, List<String> fields, Map<String, String> values) {}

  private static final String SEPARATORS = ",;\t";
  private static final int LONGEST_HEADER = 1 << 20;
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private final CsvReader<CsvRecord> reader;
  private final Iterator<CsvRecord> records;
  private final List<String> columns;
  private final Names names;
  private final boolean isTorn;
  private Optional<CsvRecord> next;
  private Optional<String> trouble = Optional.empty();
  private long line = 1;

  private TextTable(CsvReader<CsvRecord> reader, boolean isTorn) {
    this.reader = reader;
    this.records = reader.iterator();
    this.isTorn = isTorn;
    Optional<CsvRecord> header = read();
    this.next = read();
    // A header that is the torn row itself says nothing.
    boolean isHeader = header.isPresent() && (next.isPresent() || !isTorn);
    this.columns = isHeader ? withoutMark(header.get().getFields()) : List.of();
    this.names = new Names(columns);
  }

  /** What the columns are called, and what is lost where several are called the same. */
  private static final class Names {
    private final List<String> names;
    private final Set<String> first = new LinkedHashSet<>();

    /** The columns that are the first of their name. */
    private final BitSet firstColumns = new BitSet();

    private final Map<String, Long> lost = new TreeMap<>();

    Names(List<String> columns) {
      names = columns.stream().map(String::strip).toList();
      for (int i = 0; i < names.size(); i++) {
        firstColumns.set(i, !names.get(i).isEmpty() && first.add(names.get(i)));
      }
    }

    Map<String, String> values(List<String> fields) {
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = 0; i < Math.min(names.size(), fields.size()); i++) {
        String name = names.get(i);
        if (name.isEmpty() || fields.get(i).isBlank()) {
          continue;
        }
        if (firstColumns.get(i)) {
          values.put(name, fields.get(i));
        } else {
          lost.merge(name, 1L, Long::sum);
        }
      }
      return values;
    }

    void note(Path file, Losses losses) {
      lost.forEach(
          (name, count) ->
              losses.add(
                  file,
                  "line 1",
                  "'%s' is the name of several columns, and only the first one is imported; %s left out"
                      .formatted(
                          Cut.shown(name),
                          Counted.of(count, "value") + (count == 1 ? " is" : " are"))));
      if (names.contains("")) {
        losses.leaveOut("a column without a name, such as the index of pandas");
      }
    }
  }

  /** The names by which the values of rows are known, in their order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(names.first);
  }

  /** Opens a table. */
  public static TextTable open(Path file, char separator) throws IOException {
    InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      Reader text = new InputStreamReader(bytes, StandardCharsets.UTF_8);
      CsvReader<CsvRecord> reader =
          CsvReader.builder()
              .fieldSeparator(separator)
              .skipEmptyLines(true)
              // What such a row is worth is decided by whoever reads it.
              .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
              .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
              .allowUnclosedQuote(true)
              .ofCsvRecord(text);
      return new TextTable(reader, isTorn(file));
    } catch (RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  /**
   * The character that separates the columns of a file: the one that is most frequent in its first
   * line among a comma, a semicolon and a tab.
   *
   * @param usual the one that it is where nothing else is more frequent
   */
  public static char separator(Path file, char usual) throws IOException {
    long[] counts = new long[SEPARATORS.length()];
    boolean isQuoted = false;
    try (Reader text =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      boolean isBlank = true;
      for (int i = 0, next = text.read();
          next >= 0 && i < LONGEST_HEADER;
          i++, next = text.read()) {
        if (next == '\n' && !isQuoted && !isBlank) {
          break;
        }
        isBlank &= Character.isWhitespace(next);
        isQuoted ^= next == '"';
        int which = isQuoted ? -1 : SEPARATORS.indexOf(next);
        if (which >= 0) {
          counts[which]++;
        }
      }
    }
    char most = usual;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > counts[SEPARATORS.indexOf(most)]) {
        most = SEPARATORS.charAt(i);
      }
    }
    return most;
  }

  private static boolean isTorn(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
      if (bytes.length() == 0) {
        return false;
      }
      bytes.seek(bytes.length() - 1);
      return bytes.read() != '\n';
    }
  }

  /** Some tools begin a file with a byte order mark. */
  private static List<String> withoutMark(List<String> header) {
    List<String> names = new ArrayList<>(header);
    if (!names.isEmpty() && names.get(0).startsWith(BYTE_ORDER_MARK)) {
      names.set(0, names.get(0).substring(1));
    }
    return List.copyOf(names);
  }

  private Optional<CsvRecord> read() {
    try {
      if (!records.hasNext()) {
        return Optional.empty();
      }
      CsvRecord record = records.next();
      line = record.getStartingLineNumber();
      return Optional.of(record);
    } catch (CsvParseException | UncheckedIOException e) {
      trouble = Optional.of("the rest cannot be read as a table (" + e.getMessage() + ")");
      return Optional.empty();
    }
  }

  /** The names of the columns; none when the file has no whole line. */
  public List<String> columns() {
    return columns;
  }

  /** Notes what was left unread, when the end was reached. */
  public void noteEnd(Path file, Losses losses) {
    names.note(file, losses);
    trouble.ifPresent(why -> losses.add(file, "after line " + line, why));
    if (isTorn) {
      losses.add(file, "its last line", TextLines.TORN);
    }
  }

  @Override
  public boolean hasNext() {
    return next.isPresent() && !(isTorn && isLast());
  }

  private boolean isLast() {
    try {
      return !records.hasNext();
    } catch (CsvParseException | UncheckedIOException said) {
      // next() says it, behind the row that is still sound.
      return false;
    }
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException("The table has no more rows.");
    }
    CsvRecord record = next.get();
    next = read();
    List<String> fields = record.getFields();
    return new Row(record.getStartingLineNumber(), fields, names.values(fields));
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
