package io.runledger.query.runs;

import io.runledger.query.filter.Order;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Whole;
import io.runledger.schemas.RunId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A run's place in an order: whoever reads page by page continues behind it, whatever was created
 * or changed meanwhile.
 *
 * @param keys what it had of each part of the {@link Order}: a number or a text, empty where there
 *     was none
 * @param firstAttemptId the id of its first attempt, ordered by time
 * @param run the run; distinguishes runs that began at the same time
 */
public record RunCursor(List<Optional<Value>> keys, long firstAttemptId, RunId run) {

  private static final String NONE = "n";

  public RunCursor {
    keys = List.copyOf(keys);
  }

  /** As a text of letters, digits, dots and signs that no URL escapes, for {@link #parse}. */
  public String text() {
    StringBuilder text = new StringBuilder().append(firstAttemptId).append('.').append(run.value());
    keys.forEach(key -> text.append('.').append(key.map(RunCursor::text).orElse(NONE)));
    return text.toString();
  }

  private static String text(Value key) {
    if (key instanceof Whole whole) {
      return "w" + whole.number();
    }
    return key instanceof Real real
        ? "r" + Long.toHexString(Double.doubleToLongBits(real.number()))
        : "t"
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(((Text) key).text().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException when it did not write this
   */
  public static RunCursor parse(String text) {
    try {
      List<String> parts = Arrays.asList(text.split("\\.", -1));
      List<Optional<Value>> keys = new ArrayList<>();
      for (String part : parts.subList(2, parts.size())) {
        keys.add(key(part));
      }
      return new RunCursor(
          keys, Long.parseLong(parts.get(0)), new RunId(Long.parseLong(parts.get(1))));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("This is not the end of a page of runs.", e);
    }
  }

  private static Optional<Value> key(String part) {
    String value = part.substring(1);
    return switch (part.charAt(0)) {
      case 'w' -> Optional.of(new Whole(Long.parseLong(value)));
      case 'r' -> Optional.of(new Real(Double.longBitsToDouble(Long.parseUnsignedLong(value, 16))));
      case 't' ->
          Optional.of(
              new Text(new String(Base64.getUrlDecoder().decode(value), StandardCharsets.UTF_8)));
      case 'n' -> Optional.empty();
      default -> throw new IllegalArgumentException(part);
    };
  }
}
