package io.runledger.gateway.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what was appended to files survive a failure of the machine, a little later and of all
 * files together: appending waits for no disk. Thread-safe.
 */
public final class DelayedSync implements AutoCloseable {

  /** Makes one file survive. */
  public interface Sync {
    void run() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(DelayedSync.class);

  private final Map<Object, Sync> due = new LinkedHashMap<>();
  private final ScheduledExecutorService background =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "runledger-gateway-sync");
            thread.setDaemon(true);
            return thread;
          });

  /** One that has not begun. */
  public DelayedSync() {}

  /**
   * Starts to look.
   *
   * @param everyMillis milliseconds between two times
   */
  @SuppressWarnings("FutureReturnValueIgnored") // it logs its own failures
  public void start(long everyMillis) {
    background.scheduleWithFixedDelay(this::sync, everyMillis, everyMillis, TimeUnit.MILLISECONDS);
  }

  /** The next time is one for this file. */
  public void isDue(Object file, Sync sync) {
    synchronized (due) {
      due.put(file, sync);
    }
  }

  /** It is closed, and was synced before. */
  public void isDone(Object file) {
    synchronized (due) {
      due.remove(file);
    }
  }

  /** Does at once what is due. */
  public void sync() {
    List<Sync> all;
    synchronized (due) {
      all = new ArrayList<>(due.values());
      due.clear();
    }
    for (Sync one : all) {
      try {
        one.run();
      } catch (IOException | RuntimeException e) {
        LOG.warn("A file of the gateway cannot be synced to its disk: {}", e.toString());
      }
    }
  }

  @Override
  public void close() {
    background.shutdown();
    sync();
  }
}
