package io.runledger.query.format;

import io.runledger.config.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A table for people: a line of titles, then one line per row, columns aligned, two spaces between
 * them. What is too wide for the screen is cut in the columns that may be cut, the widest first; in
 * a file or a pipe nothing is. Spare columns are left out on a screen where they have nothing to
 * say, and where the others would not fit next to them. A long table is printed in portions: each
 * is aligned with those before it, unless it has a wider cell.
 */
public final class TextTable {

  /** A column is not cut below this. */
  private static final int NARROWEST = 12;

  /** Spare columns are left out before those that may be cut have less than this. */
  private static final int COMFORTABLE = 24;

  /**
   * What is wider aligns no column of a file or a pipe: one name of 900 kB made 6,000 rows of 900
   * kB of spaces.
   */
  private static final int WIDEST = 500;

  /** Rows that are held to be aligned. */
  private static final int HELD = 1_000;

  private static final String GAP = "  ";

  /** What becomes of a cell that is too wide. */
  private enum Ellipsis {
    NEVER,
    END,
    MIDDLE
  }

  /** Of a spare column, which of them goes first; 0 of one that stays. */
  private record Column(String title, boolean right, Ellipsis cut, boolean colored, int spare) {
    Column(String title, boolean right, Ellipsis cut) {
      this(title, right, cut, false, 0);
    }

    boolean mayBeCut() {
      return cut != Ellipsis.NEVER;
    }

    /** A name loses what all of them begin with before it loses what distinguishes them. */
    String fit(String cell, int width, int common) {
      if (cut != Ellipsis.MIDDLE || DisplayWidth.of(cell) <= width) {
        return DisplayWidth.cut(cell, width);
      }
      return DisplayWidth.cutMiddle(
          common > 1 && cell.length() > common ? '…' + cell.substring(common) : cell, width);
    }
  }

  private final OptionalInt screen;
  private final boolean colored;
  private final List<Column> columns = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();

  /** Of each column so far; none before the first print. */
  private int[] widest = {};

  private List<Integer> shown = List.of();

  /** For where stdout goes. */
  public TextTable() {
    this(Screen.columns(), Screen.hasColors());
  }

  /** For a screen of that many columns, or for output of any width. */
  TextTable(OptionalInt screen) {
    this(screen, false);
  }

  TextTable(OptionalInt screen, boolean colored) {
    this.screen = screen;
    this.colored = colored;
  }

  /** A column of words; not cut. */
  public TextTable words(String title) {
    columns.add(new Column(Printable.line(title), false, Ellipsis.NEVER));
    return this;
  }

  /** A column of statuses, in the colour of each on a terminal; not cut. */
  public TextTable statuses(String title) {
    columns.add(new Column(Printable.line(title), false, Ellipsis.NEVER, true, 0));
    return this;
  }

  /** A column of texts that may be long. */
  public TextTable texts(String title) {
    columns.add(new Column(Printable.line(title), false, Ellipsis.END));
    return this;
  }

  /** A column of names that differ at their ends. */
  public TextTable names(String title) {
    columns.add(new Column(Printable.line(title), false, Ellipsis.MIDDLE));
    return this;
  }

  /** A column of numbers. */
  public TextTable numbers(String title) {
    columns.add(new Column(Printable.line(title), true, Ellipsis.NEVER));
    return this;
  }

  /** The column before may be left out, those with a lower turn before those with a higher one. */
  public TextTable spare(int turn) {
    Column last = columns.remove(columns.size() - 1);
    columns.add(new Column(last.title(), last.right(), last.cut(), last.colored(), turn));
    return this;
  }

  public void row(String... cells) {
    row(List.of(cells));
  }

  public void row(List<String> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(
          cells.size() + " cells for " + columns.size() + " columns.");
    }
    rows.add(cells.stream().map(Printable::line).toList());
  }

  /** A row of a table that may be long. */
  void row(PrintWriter out, List<String> cells) {
    row(cells);
    if (rows.size() == HELD) {
      print(out, "", true);
    }
  }

  public boolean isEmpty() {
    return rows.isEmpty() && widest.length == 0;
  }

  public void print(PrintWriter out) {
    print(out, "");
  }

  /** Prints the rows that are held with something before each line; the titles come once. */
  public void print(PrintWriter out, String indent) {
    print(out, indent, false);
  }

  private void print(PrintWriter out, String indent, boolean moreFollow) {
    boolean begun = widest.length > 0;
    widest = widths();
    if (!begun) {
      shown = shown(moreFollow, indent.length());
    }
    int[] widths = widest.clone();
    if (screen.isPresent()) {
      squeeze(widths, screen.getAsInt() - indent.length());
    }
    if (!begun) {
      out.println(
          indent
              + line(columns.stream().map(Column::title).toList(), widths, new int[widths.length]));
    }
    int[] common = IntStream.range(0, widths.length).map(this::commonBeginning).toArray();
    rows.forEach(row -> out.println(indent + line(row, widths, common)));
    rows.clear();
  }

  /** The places of the columns that are printed. */
  private List<Integer> shown(boolean moreFollow, int indent) {
    List<Integer> places = new ArrayList<>(IntStream.range(0, columns.size()).boxed().toList());
    if (screen.isPresent()) {
      places.removeIf(i -> columns.get(i).spare() > 0 && !moreFollow && isMute(i));
      for (int column : sparestFirst()) {
        if (comfortable(places) > screen.getAsInt() - indent) {
          places.remove(Integer.valueOf(column));
        }
      }
    }
    return places;
  }

  private List<Integer> sparestFirst() {
    return IntStream.range(0, columns.size())
        .boxed()
        .filter(column -> columns.get(column).spare() > 0)
        .sorted(Comparator.comparingInt(column -> columns.get(column).spare()))
        .toList();
  }

  private boolean isMute(int column) {
    return rows.stream()
        .map(row -> row.get(column))
        .allMatch(cell -> cell.isEmpty() || cell.equals("-"));
  }

  /** How wide the table is when nothing is cut that one would miss. */
  private int comfortable(List<Integer> places) {
    return GAP.length() * (places.size() - 1)
        + places.stream()
            .mapToInt(i -> columns.get(i).mayBeCut() ? Math.min(COMFORTABLE, widest[i]) : widest[i])
            .sum();
  }

  private int[] widths() {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      int held = rows.stream().mapToInt(row -> width(row.get(column))).max().orElse(0);
      int before = widest.length > 0 ? widest[i] : width(columns.get(i).title());
      widths[i] = Math.max(held, before);
    }
    return widths;
  }

  private int width(String cell) {
    int width = DisplayWidth.of(cell);
    return screen.isEmpty() && width > WIDEST ? 0 : width;
  }

  private void squeeze(int[] widths, int columnsOfScreen) {
    int total = GAP.length() * (shown.size() - 1) + shown.stream().mapToInt(i -> widths[i]).sum();
    for (; total > columnsOfScreen; total--) {
      Optional<Integer> widest = widestToCut(widths);
      if (widest.isEmpty()) {
        break;
      }
      widths[widest.get()]--;
    }
  }

  private Optional<Integer> widestToCut(int[] widths) {
    List<Integer> candidates = new ArrayList<>();
    for (int i : shown) {
      if (columns.get(i).mayBeCut() && widths[i] > NARROWEST) {
        candidates.add(i);
      }
    }
    return candidates.stream().max(Comparator.comparingInt(i -> widths[i]));
  }

  /** How much all cells of a column begin with; none where they are all the same. */
  private int commonBeginning(int column) {
    List<String> cells = rows.stream().map(row -> row.get(column)).distinct().toList();
    if (cells.size() < 2) {
      return 0;
    }
    String first = cells.get(0);
    int common = first.length();
    for (String cell : cells) {
      int same = 0;
      while (same < Math.min(common, cell.length()) && cell.charAt(same) == first.charAt(same)) {
        same++;
      }
      common = same;
    }
    boolean splits = common > 0 && Character.isHighSurrogate(first.charAt(common - 1));
    return splits ? common - 1 : common;
  }

  private String line(List<String> cells, int[] widths, int[] common) {
    StringBuilder line = new StringBuilder();
    for (int i : shown) {
      String whole = cells.get(i);
      String cell = screen.isEmpty() ? whole : columns.get(i).fit(whole, widths[i], common[i]);
      String padding = " ".repeat(Math.max(0, widths[i] - DisplayWidth.of(cell)));
      line.append(line.isEmpty() ? "" : GAP);
      String shownCell = colored && columns.get(i).colored() ? StatusColors.of(cell) : cell;
      line.append(columns.get(i).right() ? padding + shownCell : shownCell + padding);
    }
    return line.toString().stripTrailing();
  }
}
