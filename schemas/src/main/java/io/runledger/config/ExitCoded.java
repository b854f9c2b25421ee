package io.runledger.config;

/** A failure that ends a verb with another exit code than {@link ExitCodes#FAILED}. */
public interface ExitCoded {

  /** One of {@link ExitCodes}. */
  int exitCode();
}
