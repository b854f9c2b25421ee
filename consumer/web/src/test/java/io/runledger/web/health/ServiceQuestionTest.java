package io.runledger.web.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ServiceQuestionTest {

  @Test
  @Timeout(value = 1, unit = TimeUnit.MINUTES)
  void anAnswerThatNeverEndsIsGivenUp() throws Exception {
    try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> serving =
          CompletableFuture.runAsync(() -> answerWithoutEnd(stranger));

      ServiceQuestion.Reply reply =
          new ServiceQuestion(written -> false, "127.0.0.1", stranger.getLocalPort()).ask();

      assertThat(reply).isEqualTo(ServiceQuestion.Reply.NONE);
      serving.get(30, TimeUnit.SECONDS);
    }
  }

  /** Until who asked has left. */
  private static void answerWithoutEnd(ServerSocket server) {
    try (Socket socket = server.accept();
        OutputStream out = socket.getOutputStream()) {
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      while (true) {
        out.write(' ');
        out.flush();
        TimeUnit.MILLISECONDS.sleep(10);
      }
    } catch (IOException e) {
      // It has left.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
