package io.runledger.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The number of a project, for clients that name projects by numbers: a decimal text that follows
 * from the name alone, so that every process and every rebuild gives the same one.
 */
public final class ProjectNumber {

  /** The project of runs that were given none; its number is 0. */
  public static final String DEFAULT_PROJECT = "Default";

  private static final String DOMAIN = "runledger.project.v1";

  private ProjectNumber() {}

  /**
   * The number of a project: the first 8 bytes (big-endian, sign bit cleared) of the SHA-256 of a
   * domain, a zero byte and the name in UTF-8; 0 becomes 1.
   */
  public static String of(String project) {
    if (project.equals(DEFAULT_PROJECT)) {
      return "0";
    }
    MessageDigest sha256 = Sha256.begin();
    sha256.update(DOMAIN.getBytes(StandardCharsets.US_ASCII));
    sha256.update((byte) 0);
    byte[] digest = sha256.digest(WellFormedText.of(project).getBytes(StandardCharsets.UTF_8));
    long value = ByteBuffer.wrap(digest).getLong() & Long.MAX_VALUE;
    return Long.toString(Math.max(1, value));
  }
}
