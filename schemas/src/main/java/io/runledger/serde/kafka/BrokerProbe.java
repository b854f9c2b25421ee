package io.runledger.serde.kafka;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Utils;

/**
 * Asks who answers on a broker's port, with the first request of Kafka's protocol and a read of a
 * few bytes. Kafka's own client takes the first four bytes of any answer for a size and waits, or
 * dies, for as much; it never says who it talked to.
 */
public final class BrokerProbe {

  private static final int TIMEOUT_MS = 2_000;
  private static final int CORRELATION = 0x52554e4c;
  private static final short API_VERSIONS = 18;
  private static final int ANSWER_BYTES = 8;

  /** A broker's list of versions has some hundred bytes. */
  private static final int LARGEST_ANSWER = 1 << 20;

  private static final String TLS = "TLS";

  /**
   * The beginning of TLS 1.2, one cipher suite and nothing else: enough for a hello or an alert.
   * Many who speak TLS hang up on anything else without a word.
   */
  private static final byte[] CLIENT_HELLO =
      HexFormat.of()
          .parseHex(
              "16030100"
                  + "2d"
                  + "01000029"
                  + "0303"
                  + "52".repeat(32)
                  + "00"
                  + "0002c02f"
                  + "0100");

  private BrokerProbe() {}

  /**
   * A sentence about the first of the bootstrap servers that answers and does not speak Kafka;
   * empty when one speaks it, when none answers, or when the connection is to be encrypted.
   *
   * @param kafka the settings of a Kafka client
   */
  public static Optional<String> stranger(Map<String, ?> kafka) {
    Object protocol = kafka.get("security.protocol");
    if (protocol != null
        && !protocol.toString().trim().toUpperCase(Locale.ROOT).endsWith("PLAINTEXT")) {
      return Optional.empty();
    }
    Optional<String> stranger = Optional.empty();
    Object servers = kafka.get("bootstrap.servers");
    for (String server : servers == null ? new String[0] : servers.toString().split(",")) {
      Optional<String> answer = ask(server.trim());
      if (answer.isPresent() && answer.get().isEmpty()) {
        return Optional.empty();
      }
      stranger = stranger.or(() -> answer);
    }
    return stranger;
  }

  /** Empty when nothing answers, an empty text when it is Kafka, a sentence when it is not. */
  private static Optional<String> ask(String server) {
    String host = Utils.getHost(server);
    Integer port = Utils.getPort(server);
    if (host == null || port == null) {
      return Optional.empty();
    }
    try {
      Optional<String> spoken = spoken(answer(host, port, request()));
      if (spoken.isEmpty() && spoken(answer(host, port, CLIENT_HELLO)).equals(Optional.of(TLS))) {
        spoken = Optional.of(TLS);
      }
      return spoken.map(language -> language.isEmpty() ? "" : sentence(server, language));
    } catch (IOException | RuntimeException nobodyAnswers) {
      return Optional.empty();
    }
  }

  private static String sentence(String server, String language) {
    return "%s does not speak Kafka (it answered like %s); %s."
        .formatted(
            server,
            language,
            language.equals(TLS)
                ? "set security.protocol to SSL or SASL_SSL, and whatever else that port needs"
                : "check bootstrap.servers");
  }

  private static byte[] answer(String host, int port, byte[] question) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.getOutputStream().write(question);
      return answer(socket.getInputStream());
    }
  }

  /** The first bytes of an answer; fewer where it ends, or no more of it comes. */
  private static byte[] answer(InputStream in) throws IOException {
    byte[] answer = new byte[ANSWER_BYTES];
    int length = 0;
    try {
      while (length < ANSWER_BYTES) {
        int read = in.read(answer, length, ANSWER_BYTES - length);
        if (read < 0) {
          break;
        }
        length += read;
      }
    } catch (SocketTimeoutException noMore) {
      // A TLS alert has seven bytes, and some servers wait for what we do next.
    }
    return Arrays.copyOf(answer, length);
  }

  private static byte[] request() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    byte[] client = "runledger-probe".getBytes(StandardCharsets.UTF_8);
    out.writeInt(Short.BYTES * 3 + Integer.BYTES + client.length);
    out.writeShort(API_VERSIONS);
    out.writeShort(0);
    out.writeInt(CORRELATION);
    out.writeShort(client.length);
    out.write(client);
    return bytes.toByteArray();
  }

  /** What the bytes look like; an empty text for Kafka, empty when there are none. */
  static Optional<String> spoken(byte[] answer) {
    if (answer.length == 0) {
      return Optional.empty();
    }
    if (answer.length == ANSWER_BYTES) {
      ByteBuffer header = ByteBuffer.wrap(answer);
      int size = header.getInt();
      if (size > Integer.BYTES && size <= LARGEST_ANSWER && header.getInt() == CORRELATION) {
        return Optional.of("");
      }
    }
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    if ((answer[0] == 0x15 || answer[0] == 0x16) && answer.length > 1 && answer[1] == 3) {
      return Optional.of(TLS);
    }
    if (text.startsWith("HTTP") || text.startsWith("<")) {
      return Optional.of("HTTP");
    }
    if (text.startsWith("SSH-")) {
      return Optional.of("SSH");
    }
    byte[] few = Arrays.copyOf(answer, Math.min(4, answer.length));
    return Optional.of(
        "an unknown protocol, with the bytes " + HexFormat.ofDelimiter(" ").formatHex(few));
  }
}
