package io.runledger.config;

import java.util.regex.Pattern;

/** Hides what must not be printed: values of secret settings and passwords inside URLs. */
public final class Secrets {

  /** What stands in place of a secret. */
  public static final String MASK = "********";

  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "(?i).*(passw|secret|token|jaas|user\\.info|credential|private\\.?key|keystore\\.key).*");

  /**
   * Up to the last @ before a blank or comma: a password may hold / and @, though it should not.
   */
  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^\\s,]+(?=@)");

  private Secrets() {}

  /** The value as it may be shown under this key. */
  public static String masked(String key, String value) {
    // secret.keys is the pattern itself, not a secret
    if (!key.equals(Setting.SECRET_KEYS.key()) && SECRET_KEY.matcher(key).matches()) {
      return MASK;
    }
    return maskedUrl(value);
  }

  /** The text with the user info of each URL in it hidden. */
  public static String maskedUrl(String text) {
    return USER_INFO.matcher(text).replaceAll(MASK);
  }
}
