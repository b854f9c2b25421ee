package io.runledger.check;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The check of one component, which changes nothing.
 *
 * @param component what is checked, in a word or two
 * @param whenUnknown how bad it is when the check hangs or breaks off
 * @param look finds what is to be said of it; a failure that it throws is a finding, too
 */
public record Check(String component, Finding.Severity whenUnknown, Supplier<List<Finding>> look) {

  /** Of a component that has to work. */
  public Check(String component, Supplier<List<Finding>> look) {
    this(component, Finding.Severity.FAILED, look);
  }

  Finding unknown(String what, Optional<String> remedy) {
    return new Finding(component, whenUnknown, what, remedy);
  }
}
