package io.runledger.spool.lines;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Decides what is a step and what is a number; {@code step-vectors.json} holds the Python package
 * to the same rules.
 */
final class LineNumbers {

  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?(?:[0-9]{1,40}(?:\\.[0-9]{0,40})?|\\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?");
  private static final Pattern WORD =
      Pattern.compile("[+-]?(?:nan(?:\\([a-z0-9_]*\\))?|inf(?:inity)?)", Pattern.CASE_INSENSITIVE);
  private static final double TWO_TO_63 = 0x1p63;

  private LineNumbers() {}

  /** A whole number of 64 bits: 4, 4.0, "4"; empty for 4.5, 2^63, true and null. */
  static OptionalLong whole(JsonNode node) {
    if (node.isIntegralNumber()) {
      return node.canConvertToLong() ? OptionalLong.of(node.longValue()) : OptionalLong.empty();
    }
    if (node.isNumber()) {
      return whole(node.doubleValue());
    }
    String text = node.isTextual() ? node.textValue().strip() : "";
    if (!NUMBER.matcher(text).matches()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException notThatPlain) {
      boolean plain = text.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E');
      return plain ? OptionalLong.empty() : whole(Double.parseDouble(text));
    }
  }

  private static OptionalLong whole(double number) {
    return number == Math.rint(number) && number >= -TWO_TO_63 && number < TWO_TO_63
        ? OptionalLong.of((long) number)
        : OptionalLong.empty();
  }

  /** Any number: true is 1, "0.5" is 0.5, nan and inf in any case and with any sign. */
  static OptionalDouble number(JsonNode node) {
    if (node.isNumber()) {
      double number = node.doubleValue();
      // a whole number of a thousand digits
      return Double.isInfinite(number) ? OptionalDouble.empty() : OptionalDouble.of(number);
    }
    if (node.isBoolean()) {
      return OptionalDouble.of(node.booleanValue() ? 1 : 0);
    }
    String text = node.isTextual() ? node.textValue().strip() : "";
    if (NUMBER.matcher(text).matches()) {
      double number = Double.parseDouble(text);
      return Double.isInfinite(number) ? OptionalDouble.empty() : OptionalDouble.of(number);
    }
    return WORD.matcher(text).matches()
        ? OptionalDouble.of(Double.parseDouble(LineTree.word(text)))
        : OptionalDouble.empty();
  }
}
