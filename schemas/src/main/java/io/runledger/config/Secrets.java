package io.runledger.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The one rule of what is hidden ({@code deploy/docs/masking.md}; {@code masking-vectors.json} is
 * what every language must do): texts under names of secrets, and in any text what looks like a
 * credential. Numbers and booleans are never secrets, unless {@code secret.keys} names them.
 * Immutable.
 */
public final class Secrets {

  /** What replaces a secret. */
  public static final String MASK = "********";

  /** Credentials that show themselves by how they begin. */
  private static final Pattern CREDENTIALS =
      Pattern.compile(
          "(?<![A-Za-z0-9_-])(?:"
              + "hf_[A-Za-z0-9]{16,}"
              + "|gh[oprsu]_[A-Za-z0-9]{16,}"
              + "|github_pat_[A-Za-z0-9_]{16,}"
              + "|glpat-[A-Za-z0-9_-]{16,}"
              + "|sk-(?:proj|ant|or|svcacct|admin|live|test|lf)-[A-Za-z0-9_-]{16,}"
              + "|sk-[A-Za-z0-9]{20,}"
              + "|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"
              + "|xox[a-z]-[A-Za-z0-9-]{10,}"
              + "|A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
              + "|AIza[A-Za-z0-9_-]{30,}"
              + "|npm_[A-Za-z0-9]{30,}"
              + "|pypi-[A-Za-z0-9_-]{30,}"
              + "|eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]{5,}(?:\\.[A-Za-z0-9_-]*)?"
              + ")"
              + "|-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\\s\\S]*?"
              + "(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\\z)");

  /** What follows the word Bearer in a header. */
  private static final Pattern BEARER =
      Pattern.compile(
          "(?<![A-Za-z0-9_])(?:[Bb]earer|BEARER) (?=[A-Za-z._~+/-]{0,200}[0-9])"
              + "([A-Za-z0-9._~+/-]{16,}=*)");

  /**
   * A password may hold / and @, though it should not: with a colon in front that is not a port's,
   * all up to the last @ before a blank or comma is hidden. Bounded, for a text of nothing but
   * URLs.
   */
  private static final Pattern USER_INFO =
      Pattern.compile(
          "(?<=://)(?:"
              + "[^ \\t\\r\\n,/?#@:\\[]{0,1000}:(?![0-9]{0,6}(?:[/?# \\t\\r\\n,]|$))[^ \\t\\r\\n,]{0,1000}"
              + "|[^ \\t\\r\\n,/?#]{1,1000}"
              + ")(?=@)");

  /** {@code --name=value}, {@code name=value} of a query or a call; value may be quoted. */
  private static final Pattern ASSIGNMENT =
      Pattern.compile(
          "(?<![A-Za-z0-9_.-])([A-Za-z_-][A-Za-z0-9_.-]{0,199})="
              + "(\"[^\"]{1,4000}\"|'[^']{1,4000}'|[^ \\t\\r\\n&;,\"')]{1,4000})");

  /** {@code --name value} of a command line in a single text. */
  private static final Pattern OPTION =
      Pattern.compile(
          "(?<![^ \\t\\r\\n])(--?[A-Za-z][A-Za-z0-9_.-]{0,199})[ \\t]{1,9}"
              + "(\"[^\"]{1,4000}\"|'[^']{1,4000}'|[^ \\t\\r\\n-][^ \\t\\r\\n]{0,3999})");

  private static final Set<String> NO_SECRETS = Set.of("", "true", "false", "none", "null");

  /** A word of a vocabulary, such as {@code <pad>} and {@code [MASK]}, or nothing but signs. */
  private static final Pattern VOCABULARY =
      Pattern.compile("<[^<>]{1,60}>|\\[[^\\[\\]]{1,60}\\]|[\\x00-/:-@\\[-`{-\\x7f]+");

  private static final Secrets BUILT_IN = new Secrets(List.of());

  private final List<SecretPattern> more;

  private Secrets(List<SecretPattern> more) {
    this.more = more;
  }

  /** The rule as it is built in. */
  public static Secrets builtIn() {
    return BUILT_IN;
  }

  /** The rule with what {@code secret.keys} adds to it. */
  public static Secrets of(Configuration configuration) {
    return BUILT_IN.and(configuration.get(Setting.SECRET_KEYS));
  }

  /**
   * The rule with further names: a regular expression that has to match a whole name.
   *
   * @param pattern empty for none, and one that is none adds nothing
   */
  public Secrets and(String pattern) {
    return SecretPattern.of(pattern)
        .map(another -> new Secrets(Stream.concat(more.stream(), Stream.of(another)).toList()))
        .orElse(this);
  }

  /** The value of a setting as it may be shown under its key. */
  public static String masked(String key, String value) {
    // secret.keys is the pattern itself, not a secret
    boolean secret = !key.equals(Setting.SECRET_KEYS.key()) && SecretNames.isSecret(key);
    return secret ? MASK : prose(value);
  }

  /** Whether somebody said that this name is a secret's, whatever its value is. */
  boolean isNamed(String name) {
    return more.stream().anyMatch(pattern -> pattern.matches(name));
  }

  /** Whether texts under this name are secrets. */
  boolean isSecret(String name) {
    return SecretNames.isSecret(name) || isNamed(name);
  }

  /** Whether this text under a secret's name is to be hidden. */
  boolean hides(String name, String value) {
    if (isNamed(name)) {
      return true;
    }
    return SecretNames.isSecret(name)
        && mayBeSecret(value)
        && !(SecretNames.isToken(name) && VOCABULARY.matcher(value).matches());
  }

  /** Whether a text says more than yes, no or nothing. */
  static boolean mayBeSecret(String value) {
    return value.length() > 5 || !NO_SECRETS.contains(value.toLowerCase(Locale.ROOT));
  }

  /** A text that people wrote, with what looks like a credential hidden. */
  public static String prose(String text) {
    String shown = text;
    if (shown.contains("://") && shown.indexOf('@') >= 0) {
      shown = USER_INFO.matcher(shown).replaceAll(MASK);
    }
    shown = CREDENTIALS.matcher(shown).replaceAll(MASK);
    return shown.indexOf(' ') < 0 ? shown : replaced(shown, BEARER, 1, any -> true);
  }

  /** A text of a configuration: as {@link #prose}, and {@code name=value} and options in it. */
  String text(String text) {
    String shown = prose(text);
    if (shown.indexOf('=') >= 0) {
      shown =
          replaced(
              shown,
              ASSIGNMENT,
              2,
              found -> hides(option(found.group(1)), unquoted(found.group(2))));
    }
    if (shown.indexOf('-') >= 0 && shown.indexOf(' ') >= 0) {
      shown =
          replaced(
              shown, OPTION, 2, found -> hides(option(found.group(1)), unquoted(found.group(2))));
    }
    return shown;
  }

  /** Whether the text is an option such as {@code --api-key}, whose value is the next argument. */
  boolean isSecretOption(String argument) {
    return argument.length() <= 200
        && argument.startsWith("-")
        && argument.indexOf('=') < 0
        && argument.indexOf(' ') < 0
        && isSecret(option(argument));
  }

  static String option(String argument) {
    int from = 0;
    while (from < argument.length() && argument.charAt(from) == '-') {
      from++;
    }
    return argument.substring(from);
  }

  private static String unquoted(String value) {
    char first = value.charAt(0);
    return value.length() > 1 && (first == '"' || first == '\'')
        ? value.substring(1, value.length() - 1)
        : value;
  }

  /** The text of the matcher with the group hidden wherever it is a secret. */
  private static String replaced(
      String text, Pattern pattern, int group, Predicate<MatchResult> isSecret) {
    StringBuilder shown = new StringBuilder();
    int from = 0;
    Matcher found = pattern.matcher(text);
    while (found.find()) {
      if (isSecret.test(found)) {
        shown.append(text, from, found.start(group)).append(MASK);
        from = found.end(group);
      }
    }
    return shown.append(text, from, text.length()).toString();
  }
}
