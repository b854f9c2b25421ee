package io.runledger.http;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * Reads the bodies of requests, of which only so many, and none that is too large or too slow, are
 * in memory. Thread-safe.
 */
public final class RequestBody {

  /** Why a body was not read. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }

    /** Of HTTP. */
    public int status() {
      return status;
    }
  }

  /**
   * Who sends less than this, once the patience is over, leaves the place to others: one byte now
   * and then would keep a connection from being idle for ever.
   */
  private static final int LEAST_BYTES_PER_SECOND = 1_000;

  private static final int PATIENCE_SECONDS = 20;

  private final int mostSent;
  private final int mostInflated;
  private final Semaphore places;
  private final LongSupplier nanos;

  /**
   * Reads bodies up to a size.
   *
   * @param mostSent bytes as they are sent
   * @param mostInflated bytes of what was sent as gzip
   * @param atOnce how many bodies may be read at a time
   */
  public RequestBody(int mostSent, int mostInflated, int atOnce) {
    this(mostSent, mostInflated, atOnce, System::nanoTime);
  }

  RequestBody(int mostSent, int mostInflated, int atOnce, LongSupplier nanos) {
    this.nanos = nanos;
    this.mostSent = mostSent;
    this.mostInflated = mostInflated;
    this.places = new Semaphore(atOnce);
  }

  /**
   * The whole body, inflated if it is sent as gzip.
   *
   * @throws Refused when it is too large, damaged, in an encoding that is not known, ends early or
   *     comes too slowly, or too many others send theirs
   */
  public byte[] bytes(Call call) throws Refused {
    String encoding =
        call.header("Content-Encoding").orElse("identity").strip().toLowerCase(Locale.ROOT);
    boolean isGzip = encoding.equals("gzip");
    if (!isGzip && !encoding.equals("identity")) {
      throw new Refused(415, "The body may be sent as it is or as gzip, in no other encoding.");
    }
    if (!places.tryAcquire()) {
      throw new Refused(503, "Too many requests send their bodies at this moment; try again.");
    }
    try {
      byte[] sent = read(new Counted(call.body()), mostSent);
      if (isGzip) {
        return inflated(sent);
      }
      if (GzipCompressorInputStream.matches(sent, sent.length)) {
        throw new Refused(
            400, "The body begins as gzip does: send it with the header Content-Encoding: gzip.");
      }
      return sent;
    } catch (TooMuch e) {
      throw new Refused(
          413,
          "The body may have %,d bytes as it is sent and %,d inflated; send it in parts."
              .formatted(mostSent, mostInflated));
    } catch (EOFException e) {
      throw new Refused(400, "The body ends before all of it has come; send it again.");
    } catch (IOException e) {
      // Its sender has left, or sent nothing or little for too long.
      throw new Refused(408, "The body has not come whole.");
    } finally {
      places.release();
    }
  }

  /**
   * The members of it, one behind the other. The JDK's own stream ends without a word before a
   * second one that it cannot read, and half a body would pass for all of it.
   */
  private byte[] inflated(byte[] sent) throws Refused, TooMuch {
    try (InputStream in =
        GzipCompressorInputStream.builder()
            .setByteArray(sent)
            .setDecompressConcatenated(true)
            .get()) {
      return read(in, mostInflated);
    } catch (TooMuch e) {
      throw e;
    } catch (IOException e) {
      throw new Refused(400, "The body is not whole gzip; nothing of it is stored. Send it again.");
    }
  }

  private static byte[] read(InputStream in, int most) throws IOException {
    byte[] whole = in.readNBytes(most + 1);
    if (whole.length > most) {
      throw new TooMuch();
    }
    return whole;
  }

  private static final class TooMuch extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** What was sent may be large although little comes out of it. */
  private final class Counted extends FilterInputStream {
    private final long began = nanos.getAsLong();
    private long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      return counted(super.read(), 1);
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int read = super.read(bytes, from, length);
      return counted(read, read);
    }

    private int counted(int result, int bytes) throws IOException {
      count += result < 0 ? 0 : bytes;
      if (count > mostSent) {
        throw new TooMuch();
      }
      long seconds = TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong() - began);
      if (count < (seconds - PATIENCE_SECONDS) * LEAST_BYTES_PER_SECOND) {
        throw new InterruptedIOException("The body comes too slowly.");
      }
      return result;
    }
  }
}
