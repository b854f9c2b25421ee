package io.runledger.imports.lines;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.time.Instant;

/** Writes the members of one line's JSON object. Not thread-safe. */
final class LineText {

  private static final int MICROS_DIGITS = 6;

  private final StringBuilder text = new StringBuilder(160);

  /** Begins a line of a time, to the microsecond. */
  LineText at(Instant at) {
    String micros = Integer.toString(at.getNano() / 1_000);
    text.append("\"at\":")
        .append(Math.max(0, at.getEpochSecond()))
        .append('.')
        .append("0".repeat(MICROS_DIGITS - micros.length()))
        .append(micros);
    return this;
  }

  /** A member whose value is JSON already. */
  LineText json(String key, String value) {
    return key(key).plain(value);
  }

  LineText string(String key, String value) {
    key(key);
    quote(value);
    return this;
  }

  LineText whole(String key, long value) {
    key(key);
    text.append(value);
    return this;
  }

  /** Any number; NaN and infinities are the bare words, which the reader of lines takes. */
  LineText number(String key, double value) {
    key(key);
    text.append(value);
    return this;
  }

  LineText open(String key) {
    return key(key).plain("{");
  }

  LineText close() {
    return plain("}");
  }

  private LineText plain(String json) {
    text.append(json);
    return this;
  }

  private LineText key(String key) {
    int length = text.length();
    if (length > 0 && text.charAt(length - 1) != '{') {
      text.append(',');
    }
    quote(key);
    text.append(':');
    return this;
  }

  private void quote(String value) {
    text.append('"');
    JsonStringEncoder.getInstance().quoteAsString(value, text);
    text.append('"');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
