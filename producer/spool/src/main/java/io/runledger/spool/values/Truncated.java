package io.runledger.spool.values;

import io.runledger.schemas.Sha256;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A text that is no longer than a limit.
 *
 * @param text what is left of it, with a line in its middle that says how much is missing
 * @param truncatedBytes UTF-8 bytes that were cut; 0 when it is whole
 * @param sha256 hash of the whole text, in hex; empty when it is whole
 */
public record Truncated(String text, long truncatedBytes, Optional<String> sha256) {

  /**
   * Keeps the beginning and the end of a text, which are the most informative parts of a traceback.
   */
  public static Truncated middle(String text, int maxBytes) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length <= maxBytes) {
      return new Truncated(text, 0, Optional.empty());
    }
    int half = maxBytes / 2;
    String head = decoded(utf8, 0, boundaryBefore(utf8, half));
    int tailFrom = boundaryAfter(utf8, utf8.length - half);
    String tail = decoded(utf8, tailFrom, utf8.length);
    long cut =
        (long) utf8.length
            - head.getBytes(StandardCharsets.UTF_8).length
            - tail.getBytes(StandardCharsets.UTF_8).length;
    return new Truncated(
        head + "\n... " + cut + " bytes cut ...\n" + tail, cut, Optional.of(Sha256.hex(utf8)));
  }

  private static int boundaryBefore(byte[] utf8, int index) {
    int at = index;
    while (at > 0 && isContinuation(utf8[at])) {
      at--;
    }
    return at;
  }

  private static int boundaryAfter(byte[] utf8, int index) {
    int at = index;
    while (at < utf8.length && isContinuation(utf8[at])) {
      at++;
    }
    return at;
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xc0) == 0x80;
  }

  private static String decoded(byte[] utf8, int from, int to) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE);
    try {
      CharBuffer chars = decoder.decode(ByteBuffer.wrap(utf8, from, to - from));
      return chars.toString();
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new IllegalStateException("Malformed bytes are replaced, so this cannot happen.", e);
    }
  }
}
