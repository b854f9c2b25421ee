package io.runledger.service.alert;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Posts each firing to a URL. */
final class Webhook implements Target {

  /** The firing's id, also in the body. */
  static final String ID = "Runledger-Alert-Id";

  /** When it was sent, and what proves who sent it. */
  static final String SIGNATURE = "Runledger-Signature";

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Of a whole exchange, answer included. */
  private static final Duration TIME_LIMIT = Duration.ofSeconds(10);

  private final String name;
  private final URI uri;
  private final Optional<Signer> signer;
  private final Duration timeLimit;
  private final HttpClient client;

  Webhook(String name, URI uri, Optional<byte[]> key) {
    this(name, uri, key.map(bytes -> new Signer(bytes, InstantSource.system())), TIME_LIMIT);
  }

  Webhook(String name, URI uri, Optional<Signer> signer, Duration timeLimit) {
    this.name = name;
    this.uri = uri;
    this.signer = signer;
    this.timeLimit = timeLimit;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
  }

  @Override
  public String name() {
    return name;
  }

  /** The path is left out: it is often a password. */
  @Override
  public String words() {
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return "%s://%s%s/...%s"
        .formatted(
            uri.getScheme(), uri.getHost(), port, signer.isPresent() ? ", signed" : ", not signed");
  }

  @Override
  public Optional<String> deliver(AlertMessage message) throws InterruptedException {
    byte[] body = message.body();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timeLimit)
            .header("Content-Type", "application/json")
            .header("User-Agent", "runledger")
            .header(ID, message.id())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    signer.ifPresent(by -> request.header(SIGNATURE, by.sign(body)));
    var exchange = client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
    try {
      // The request's own limit ends with the headers; a body may come for ever.
      HttpResponse<Void> answer = exchange.get(timeLimit.toMillis(), TimeUnit.MILLISECONDS);
      return answer.statusCode() / 100 == 2
          ? Optional.empty()
          : Optional.of("It answered %d.".formatted(answer.statusCode()));
    } catch (TimeoutException e) {
      exchange.cancel(true);
      return Optional.of(noAnswer());
    } catch (InterruptedException e) {
      exchange.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      return Optional.of(reason(e.getCause()));
    }
  }

  private String noAnswer() {
    return "It did not answer within %d s.".formatted(Math.max(1, timeLimit.toSeconds()));
  }

  /** Messages of exceptions are left out where they may name the whole URL. */
  private String reason(Throwable failure) {
    if (failure instanceof HttpTimeoutException) {
      return noAnswer();
    }
    return failure instanceof IOException
        ? "It cannot be reached (%s).".formatted(failure.getClass().getSimpleName())
        : "It cannot be used (%s).".formatted(failure.getClass().getSimpleName());
  }
}
