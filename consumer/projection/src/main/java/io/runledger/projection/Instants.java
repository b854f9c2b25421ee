package io.runledger.projection;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/** Instants as the tables hold them. */
final class Instants {

  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

  private Instants() {}

  /** Microseconds since 1970. */
  static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  /** Microseconds since 1970, null for null. */
  static Long microsOrNull(Instant at) {
    return at == null ? null : micros(at);
  }

  /** {@code YYYY-MM-DD HH:MM:SS} UTC. */
  static String text(Instant at) {
    return TEXT.format(at);
  }

  /** {@code YYYY-MM-DD HH:MM:SS} UTC, null for null. */
  static String textOrNull(Instant at) {
    return at == null ? null : text(at);
  }

  /** {@code YYYY-MM-DD HH:MM:SS} UTC of microseconds since 1970, null for null. */
  static String textOfMicros(Long micros) {
    return micros == null ? null : text(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }
}
