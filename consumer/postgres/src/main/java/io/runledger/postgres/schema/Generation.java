package io.runledger.postgres.schema;

import io.runledger.postgres.connection.LedgerUrl;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One schema with all tables of a ledger. No name of a generation is used twice while it exists.
 *
 * @param number 1, 2, ...
 */
public record Generation(LedgerUrl ledger, long number) {

  /** The generation whose schema has this name; empty when it is not one of the ledger. */
  static Optional<Generation> named(LedgerUrl ledger, String schema) {
    Matcher matcher =
        Pattern.compile(Pattern.quote(ledger.base()) + "_g([0-9]{6,12})").matcher(schema);
    return matcher.matches()
        ? Optional.of(new Generation(ledger, Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }

  /** Its name, which needs no quotes. */
  public String schema() {
    return "%s_g%06d".formatted(ledger.base(), number);
  }

  /** For people: the ledger, and which of its schemas. */
  @Override
  public String toString() {
    return "%s (schema %s)".formatted(ledger, schema());
  }
}
