package io.runledger.query.format;

/** How many columns a text takes on a terminal: 0 for combining marks, 2 for wide characters. */
public final class DisplayWidth {

  private DisplayWidth() {}

  public static int of(String text) {
    return text.codePoints().map(DisplayWidth::of).sum();
  }

  /** The text, or as much of its beginning as fits, with an ellipsis. */
  public static String cut(String text, int width) {
    if (of(text) <= width) {
      return text;
    }
    return beginning(text, width - 1) + '…';
  }

  /** The text, or its beginning and its end as far as they fit, with an ellipsis between them. */
  static String cutMiddle(String text, int width) {
    if (of(text) <= width) {
      return text;
    }
    int head = (width - 1) / 2;
    StringBuilder backwards = new StringBuilder(text).reverse();
    String tail =
        new StringBuilder(beginning(backwards.toString(), width - 1 - head)).reverse().toString();
    return beginning(text, head) + '…' + tail;
  }

  private static String beginning(String text, int width) {
    StringBuilder kept = new StringBuilder();
    int taken = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (taken + of(c) > width) {
        break;
      }
      taken += of(c);
      kept.appendCodePoint(c);
      i += Character.charCount(c);
    }
    return kept.toString();
  }

  private static int of(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    return isWide(c) ? 2 : 1;
  }

  /** East Asian wide and full-width characters, and emoji. */
  private static boolean isWide(int c) {
    return (c >= 0x1100 && c <= 0x115f)
        || (c >= 0x2e80 && c <= 0xa4cf)
        || (c >= 0xac00 && c <= 0xd7a3)
        || (c >= 0xf900 && c <= 0xfaff)
        || (c >= 0xfe30 && c <= 0xfe6f)
        || (c >= 0xff00 && c <= 0xff60)
        || (c >= 0xffe0 && c <= 0xffe6)
        || (c >= 0x1f300 && c <= 0x1faff)
        || (c >= 0x20000 && c <= 0x3fffd);
  }
}
