package io.runledger.agent.slurm;

import io.runledger.http.HttpPort;
import io.runledger.http.HttpPort.Answer;
import io.runledger.http.HttpPort.Request;
import io.runledger.http.HttpPort.Route;
import io.runledger.http.ServedHosts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;

/**
 * Takes the ends of jobs that slurmctld pushes ({@code POST /slurm/_doc}), and answers {@code GET
 * /metrics}. A document is acknowledged when its observation is stored; until then slurmctld keeps
 * it and posts it again. Documents are accepted only as {@code application/json}, which no web page
 * can send to another host without a preflight request.
 */
final class WatcherServer implements AutoCloseable {

  /** SLURM's own limit for a batch script is 4 MiB, and JSON may double it. */
  private static final int LONGEST_DOCUMENT = 16 << 20;

  /** Receives a document; throws when it could not be stored. */
  interface Sink {
    void completed(SlurmJob job) throws IOException;
  }

  private final HttpPort port;

  private WatcherServer(HttpPort port) {
    this.port = port;
  }

  /**
   * Starts to listen.
   *
   * @param port 0 for any free one
   */
  static WatcherServer start(String host, int port, WatcherMetrics metrics, Sink sink)
      throws IOException {
    try {
      return new WatcherServer(
          HttpPort.open(
              "runledger-slurm-http",
              new InetSocketAddress(host, port),
              ServedHosts.of(host),
              List.of(
                  new Route("POST", "/slurm/_doc", request -> take(request, metrics, sink)),
                  new Route("GET", "/metrics", request -> Answer.metrics(metrics.scrape())))));
    } catch (IOException e) {
      throw new IOException(
          "Cannot listen on %s:%d (%s). Set --listen to another address, or to port 0 for any free one."
              .formatted(host, port, e.getMessage()),
          e);
    }
  }

  int port() {
    return port.address().getPort();
  }

  private static Answer take(Request request, WatcherMetrics metrics, Sink sink)
      throws IOException {
    String type = request.header("Content-Type").orElse("");
    if (!type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      return Answer.sentence(415, "Send application/json.");
    }
    byte[] document = request.body(LONGEST_DOCUMENT);
    if (document.length > LONGEST_DOCUMENT) {
      return Answer.sentence(413, "The document has more than " + LONGEST_DOCUMENT + " bytes.");
    }
    try {
      SlurmJob job = JobCompletion.parse(document, ZoneId.systemDefault());
      synchronized (sink) {
        sink.completed(job);
        metrics.completed();
      }
      return Answer.sentence(201, "Stored.");
    } catch (JobCompletion.NoCompletionException e) {
      return Answer.sentence(400, e.getMessage());
    } catch (IOException e) {
      return Answer.sentence(503, "The event cannot be stored at the moment; retry later.");
    }
  }

  @Override
  public void close() {
    port.close();
  }
}
