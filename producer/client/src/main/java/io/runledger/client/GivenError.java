package io.runledger.client;

import io.runledger.schemas.Sha256;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.spool.values.PlainValues;
import io.runledger.spool.values.StoredText;
import io.runledger.spool.values.Truncated;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An error that a run records. What is null is unknown.
 *
 * @param type the exception's class, or another word for its kind
 * @param message what it says
 * @param traceback where it was thrown
 */
record GivenError(String type, Optional<String> message, String traceback) {

  GivenError {
    type = type == null ? "unknown" : type;
    message = message == null ? Optional.empty() : message;
    traceback = traceback == null ? "" : traceback;
  }

  /** The facts of an exception, whose own methods may fail. */
  static GivenError of(Throwable error) {
    String message = PlainValues.text(error::getMessage);
    return new GivenError(
        error.getClass().getName(),
        message.equals("null") ? Optional.empty() : Optional.of(message),
        PlainValues.text(() -> traceback(error)));
  }

  private static String traceback(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /**
   * The event. The middle of a long text is cut, and the hash of the whole is kept.
   *
   * @param limit bytes of UTF-8 that the traceback may have; the message has a quarter of that
   */
  ErrorLogged.Builder event(At at, int limit) {
    Truncated cut = Truncated.middle(StoredText.of(traceback), limit);
    Optional<Truncated> said =
        message.map(text -> Truncated.middle(StoredText.of(text), limit / 4));
    long truncated = cut.truncatedBytes() + said.map(Truncated::truncatedBytes).orElse(0L);
    String whole = StoredText.of(message.orElse("null") + "\n" + traceback);
    return ErrorLogged.newBuilder()
        .setExceptionType(WellFormedText.of(type))
        .setMessage(said.map(Truncated::text).orElse(null))
        .setTraceback(cut.text())
        .setTruncatedBytes(truncated)
        .setSha256(truncated == 0 ? null : Sha256.hex(whole.getBytes(StandardCharsets.UTF_8)))
        .setStep(at.boxedStep().orElse(null));
  }
}
