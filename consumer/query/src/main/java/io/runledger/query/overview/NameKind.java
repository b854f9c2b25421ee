package io.runledger.query.overview;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a name is the name of. */
public enum NameKind {
  /** Paths into configurations, of the newest runs alone: reading all would take too long. */
  CONFIG,
  METRIC,
  SUMMARY,
  TAG,
  PROJECT,
  EXPERIMENT,
  DATASET,
  METHOD,
  SUBJECT,
  CL_INFO,
  STATUS,
  HOST,
  USER;

  /** What is typed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<NameKind> ofWord(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }
}
