package io.runledger.client.upload;

import io.runledger.check.Finding;
import io.runledger.config.Configuration;
import io.runledger.config.InvalidConfigurationException;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Whether the server that the settings name would take events; sends it none. */
public final class ServerCheck {

  private static final String SERVER = "server";

  /** Without lines a request is refused for that, if it is not for the token. */
  private static final int NO_LINES = 400;

  private ServerCheck() {}

  /**
   * The findings about it.
   *
   * @param environment has the token, if one is needed
   */
  public static List<Finding> check(Configuration configuration, Map<String, String> environment) {
    try {
      Destination destination = Destination.of(configuration, Destination.token(environment));
      return destination instanceof Destination.Server server ? List.of(check(server)) : List.of();
    } catch (InvalidConfigurationException e) {
      return List.of(Finding.failed(SERVER, e.getMessage()));
    }
  }

  private static Finding check(Destination.Server server) {
    String host = server.address().getHost();
    try (GatewayClient client = new GatewayClient(server)) {
      GatewayClient.Answer answer = client.send("doctor.jsonl", 0, new byte[0], System.nanoTime());
      if (answer.status() == NO_LINES) {
        return Finding.ok(SERVER, "Events go to %s, which takes them.".formatted(host));
      }
      return Finding.failed(
          SERVER,
          "%s takes no events: %s".formatted(host, answer.sentence()),
          "Check the setting url, and that RUNLEDGER_TOKEN is a token of the role editor.");
    } catch (IOException e) {
      return Finding.failed(
          SERVER,
          e.getMessage(),
          "Until it answers, events wait in the spool and nothing is lost.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Finding.failed(SERVER, "Asking %s was interrupted.".formatted(host));
    }
  }
}
