package io.runledger.client.sender;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps a whole spool from being sent, logged once a minute, and when to try again. One thread
 * reports it; any may read it as a sentence.
 */
public final class SenderError {

  private static final Logger LOG = LoggerFactory.getLogger(SenderError.class);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
  private static final Duration TELL_AGAIN = Duration.ofMinutes(1);

  private final Path spool;
  private final LongSupplier nanoTime;
  private Duration backoff = FIRST_BACKOFF;
  private long notBefore;
  private long nextComplaint;
  private volatile Optional<String> sentence = Optional.empty();

  /** Of the sender of a spool, which is named in the sentence. */
  public SenderError(Path spool) {
    this(spool, System::nanoTime);
  }

  SenderError(Path spool, LongSupplier nanoTime) {
    this.spool = spool;
    this.nanoTime = nanoTime;
    this.notBefore = nanoTime.getAsLong();
  }

  /** Sending failed; the wait doubles each time. */
  public void met(Throwable e) {
    notBefore = nanoTime.getAsLong() + backoff.toNanos();
    Duration longer = backoff.multipliedBy(2);
    backoff = longer.compareTo(LONGEST_BACKOFF) < 0 ? longer : LONGEST_BACKOFF;
    boolean isNew = sentence.isEmpty();
    String what = e.getMessage() == null ? e.toString() : e.getMessage();
    String why =
        e.getCause() == null || what.equals(e.getCause().getMessage())
            ? ""
            : " (" + e.getCause().getMessage() + ")";
    String now = "Events are waiting in %s: %s%s".formatted(spool, what, why);
    sentence = Optional.of(now);
    if (isNew || nanoTime.getAsLong() - nextComplaint >= 0) {
      LOG.warn("{}; nothing is lost, they will be sent once that works again.", now);
      nextComplaint = nanoTime.getAsLong() + TELL_AGAIN.toNanos();
    }
  }

  /** Events arrive. */
  public void isOver() {
    backoff = FIRST_BACKOFF;
    if (sentence.isPresent()) {
      sentence = Optional.empty();
      LOG.info("Events of {} are arriving again.", spool);
    }
  }

  /** Whether it is too early to try again. */
  public boolean isWaiting() {
    return nanoTime.getAsLong() - notBefore < 0;
  }

  /** What it is; empty when nothing keeps the events. */
  public Optional<String> sentence() {
    return sentence;
  }
}
