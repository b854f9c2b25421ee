package io.runledger.web.api;

import io.javalin.http.Context;
import io.runledger.config.Printable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** The parameters of one request's query. */
public final class Parameters {

  private final Context context;

  private Parameters(Context context) {
    this.context = context;
  }

  /**
   * Those of a request.
   *
   * @param known the names that the route knows
   * @throws BadRequestException when there is another one: a mistyped filter must not choose all
   */
  public static Parameters of(Context context, Set<String> known) {
    for (String name : context.queryParamMap().keySet()) {
      if (!known.contains(name)) {
        throw new BadRequestException(
            "There is no parameter '%s' here; there are %s."
                .formatted(
                    Printable.word(name),
                    known.isEmpty()
                        ? "none"
                        : String.join(", ", known.stream().sorted().toList())));
      }
    }
    return new Parameters(context);
  }

  /** The text; empty when it is not there or blank. */
  Optional<String> text(String name) {
    return word(name).filter(text -> !text.isBlank());
  }

  /** One of some words, or a number, of which a blank one is none of them. */
  Optional<String> word(String name) {
    List<String> all = context.queryParams(name);
    if (all.size() > 1) {
      throw new BadRequestException("The parameter %s may be given once.".formatted(name));
    }
    return all.stream().findFirst();
  }

  /** Every value that was given, but for blank ones. */
  List<String> all(String name) {
    return context.queryParams(name).stream().filter(value -> !value.isBlank()).toList();
  }

  /** The same, at least one. */
  List<String> some(String name, int most) {
    List<String> all = atMost(name, most);
    if (all.isEmpty()) {
      throw new BadRequestException("The parameter %s is missing.".formatted(name));
    }
    return all;
  }

  List<String> atMost(String name, int most) {
    List<String> all = all(name);
    if (all.size() > most) {
      throw new BadRequestException(
          "The parameter %s may be given %d times, not %d.".formatted(name, most, all.size()));
    }
    return all;
  }

  int number(String name, int otherwise, int lowest, int highest) {
    return (int) number(name, (long) lowest, (long) highest).orElse((long) otherwise).longValue();
  }

  Optional<Long> number(String name, long lowest, long highest) {
    Optional<String> text = word(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      long number = Long.parseLong(text.get());
      if (number >= lowest && number <= highest) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // The sentence below says what it should be.
    }
    throw new BadRequestException(
        "The parameter %s is a whole number from %,d to %,d, not '%s'."
            .formatted(name, lowest, highest, Printable.word(text.get())));
  }

  OptionalDouble real(String name) {
    Optional<String> text = word(name);
    if (text.isEmpty()) {
      return OptionalDouble.empty();
    }
    try {
      double number = Double.parseDouble(text.get());
      if (Double.isFinite(number)) {
        return OptionalDouble.of(number);
      }
    } catch (NumberFormatException e) {
      // The sentence below says what it should be.
    }
    throw new BadRequestException(
        "The parameter %s is a number, not '%s'.".formatted(name, Printable.word(text.get())));
  }

  boolean flag(String name) {
    Optional<String> text = word(name);
    if (text.isPresent() && !Set.of("true", "false").contains(text.get())) {
      throw new BadRequestException(
          "The parameter %s is true or false, not '%s'."
              .formatted(name, Printable.word(text.get())));
    }
    return text.equals(Optional.of("true"));
  }
}
