package io.runledger.bench;

import io.runledger.bench.load.BenchException;
import io.runledger.service.ConsumerService;
import io.runledger.service.health.ServiceHealth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a service reports on its port, as an operator's monitoring reads it. */
final class ServiceFigures {

  private static final Pattern POINTS =
      Pattern.compile("^runledger_points_applied_total (\\S+)$", Pattern.MULTILINE);

  /** A service that takes longer to report its figures hangs. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpRequest request;

  /**
   * @param service one with a health port
   */
  ServiceFigures(ConsumerService service) {
    InetSocketAddress address = service.healthAddress().orElseThrow();
    request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d/metrics".formatted(address.getPort())))
            .timeout(PATIENCE)
            .build();
  }

  /** Waits until a service has its partitions. */
  static void awaitRunning(ConsumerService service) throws InterruptedException {
    while (service.health().state() != ServiceHealth.State.RUNNING) {
      Thread.sleep(1);
    }
  }

  /** Points whose rows it has committed. */
  long points() {
    try {
      String text = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
      Matcher points = POINTS.matcher(text);
      if (!points.find()) {
        throw new BenchException(
            "The service does not report how many points it applied:\n" + text);
      }
      return (long) Double.parseDouble(points.group(1));
    } catch (IOException e) {
      throw new BenchException("The service does not answer on its health port.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("Interrupted.", e);
    }
  }
}
