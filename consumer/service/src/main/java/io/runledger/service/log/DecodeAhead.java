package io.runledger.service.log;

import io.runledger.service.log.BatchDecoder.DecodedSlice;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Decodes the slices of a poll, each while its caller still writes the one before: two cores have
 * work. A single slice is decoded by the caller itself. Used by one thread.
 */
public final class DecodeAhead implements AutoCloseable {

  private final BatchDecoder decoder;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "runledger-decoder");
            made.setDaemon(true);
            return made;
          });

  public DecodeAhead(BatchDecoder decoder) {
    this.decoder = decoder;
  }

  /** Begins with slices; close what comes back before the decoder is used for anything else. */
  public Decoding begin(Iterator<Slice> slices) {
    return new Decoding(slices);
  }

  /** The slices of one poll, decoded in their order. */
  public final class Decoding implements AutoCloseable {
    private final Iterator<Slice> slices;
    private Optional<CompletableFuture<DecodedSlice>> ahead = Optional.empty();

    private Decoding(Iterator<Slice> slices) {
      this.slices = slices;
    }

    public boolean hasNext() {
      return ahead.isPresent() || slices.hasNext();
    }

    public DecodedSlice next() {
      DecodedSlice decoded = ahead.isPresent() ? taken(ahead.get()) : decoder.decode(slices.next());
      ahead = Optional.empty();
      if (slices.hasNext()) {
        Slice following = slices.next();
        ahead = Optional.of(CompletableFuture.supplyAsync(() -> decoder.decode(following), thread));
      }
      return decoded;
    }

    private static DecodedSlice taken(CompletableFuture<DecodedSlice> future) {
      try {
        return future.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw e;
      }
    }

    /** Waits for the slice that is being decoded; what comes of it is dropped. */
    @Override
    public void close() {
      ahead.ifPresent(future -> future.handle((decoded, failure) -> failure).join());
      ahead = Optional.empty();
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
