package io.runledger.http;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that answer requests, each of which reads its request first. When all of them wait
 * for their clients and another request is there, the one that has waited longest is given up, and
 * its connection is closed. Thread-safe.
 */
final class RequestThreads extends ThreadPoolExecutor {

  /** What a thread does on its own, or with its client. */
  interface Work<T> {
    T run() throws IOException;
  }

  /** Threads that wait for their clients, longest first. */
  private final Set<Thread> withClient = new LinkedHashSet<>();

  RequestThreads(int threads, ThreadFactory factory) {
    super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
  }

  @Override
  public void execute(Runnable request) {
    super.execute(request);
    makeRoom();
  }

  @Override
  protected void beforeExecute(Thread thread, Runnable request) {
    waitForClient();
    super.beforeExecute(thread, request);
  }

  @Override
  protected void afterExecute(Runnable request, Throwable thrown) {
    super.afterExecute(request, thrown);
    leaveClient();
  }

  /** Does work, for a request, that no other request may interrupt. */
  <T> T onItsOwn(Work<T> work) throws IOException {
    leaveClient();
    try {
      return work.run();
    } finally {
      waitForClient();
    }
  }

  /** Within {@link #onItsOwn}, reads what the client may never send. */
  <T> T withClient(Work<T> work) throws IOException {
    waitForClient();
    try {
      return work.run();
    } finally {
      leaveClient();
    }
  }

  private synchronized void waitForClient() {
    withClient.add(Thread.currentThread());
    makeRoom();
  }

  private synchronized void leaveClient() {
    withClient.remove(Thread.currentThread());
    // Given up a moment too late: what the client sent is there. Only an end is meant for good.
    if (Thread.interrupted() && isShutdown()) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void makeRoom() {
    if (withClient.size() < getMaximumPoolSize() || getQueue().isEmpty()) {
      return;
    }
    Iterator<Thread> longest = withClient.iterator();
    // Reading from a channel ends, and the channel is closed, when its thread is interrupted.
    longest.next().interrupt();
    longest.remove();
  }
}
