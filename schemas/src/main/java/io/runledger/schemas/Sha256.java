package io.runledger.schemas;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, which every Java platform has to have. Thread-safe. */
public final class Sha256 {

  /** Bytes of a digest. */
  public static final int BYTES = 32;

  private Sha256() {}

  /** A digest of bytes that come one after the other; it is its caller's and not thread-safe. */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }

  /** The 32 bytes of these. */
  public static byte[] of(byte[] bytes) {
    return begin().digest(bytes);
  }

  /** The 32 bytes of a text in UTF-8. */
  public static byte[] of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The 64 lower-case hexadecimal digits of these. */
  public static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(of(bytes));
  }

  /**
   * The first digits of a text's.
   *
   * @param text read as UTF-8
   * @param bytes 1 to 32; each is two digits
   */
  public static String hex(String text, int bytes) {
    return HexFormat.of().formatHex(of(text), 0, bytes);
  }
}
