package io.runledger.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which names denote secrets. A name is cut into words ({@code snake_case}, {@code kebab-case},
 * {@code camelCase}, dots, digits), and only its last word, or a known compound at its end, counts:
 * {@code max_tokens}, {@code tokenizer} and {@code secretary_n} are not secrets.
 */
final class SecretNames {

  /** A longer name is judged by its end, where the deciding word is. */
  private static final int LONGEST = 200;

  /** Anything but ASCII separators is a letter, so that words of other alphabets stay whole. */
  private static final Pattern WORD =
      Pattern.compile("[A-Z]+(?![a-z])|[A-Z]?[^\\x00-\\x60\\x7b-\\x7f]+|[0-9]+");

  private static final String TOKEN = "token";

  private static final Set<String> LAST_WORDS =
      Set.of(
          "password",
          "passwords",
          "passwd",
          "passphrase",
          "passphrases",
          "passcode",
          "pwd",
          "secret",
          "secrets",
          TOKEN,
          "credential",
          "credentials",
          "creds",
          "authorization",
          "cookie",
          "cookies",
          "apikey",
          "apikeys",
          "apitoken",
          "authtoken",
          "accesstoken",
          "accesskey",
          "secretkey",
          "privatekey",
          "jwt",
          "jaas");

  /** The last word may be one of these with another one in front: {@code dbpassword}. */
  private static final List<String> LAST_SYLLABLES = List.of("password", "passwd", "passphrase");

  /** Before {@code key} or {@code keys}. */
  private static final Set<String> KEYS =
      Set.of(
          "api",
          "access",
          "secret",
          "private",
          "ssh",
          "gpg",
          "pgp",
          "rsa",
          "signing",
          "encryption",
          "auth",
          "master",
          "account",
          "storage",
          "deploy",
          "license",
          "session",
          "client",
          "service",
          "hmac",
          "webhook",
          "keystore",
          "aws",
          "azure",
          "gcp",
          "google",
          "github",
          "gitlab",
          "hf",
          "huggingface",
          "openai",
          "anthropic",
          "wandb",
          "comet",
          "neptune",
          "clearml",
          "mlflow",
          "kaggle");

  /** Before {@code tokens}, which on its own is what a language model counts. */
  private static final Set<String> TOKENS =
      Set.of("api", "access", "auth", "bearer", "refresh", "session");

  /** Before {@code token}: a word of a vocabulary or a number of them, nothing to hide. */
  private static final Set<String> VOCABULARY =
      Set.of(
          "pad",
          "padding",
          "eos",
          "bos",
          "sos",
          "unk",
          "unknown",
          "sep",
          "separator",
          "cls",
          "class",
          "mask",
          "eot",
          "eod",
          "eom",
          "start",
          "end",
          "stop",
          "begin",
          "special",
          "image",
          "img",
          "audio",
          "video",
          "speech",
          "vision",
          "text",
          "prefix",
          "suffix",
          "middle",
          "fim",
          "next",
          "last",
          "first",
          "max",
          "min",
          "num",
          "n",
          "per",
          "total",
          "new",
          "additional",
          "extra",
          "placeholder",
          "blank",
          "boundary",
          "decoder",
          "encoder",
          "prompt",
          "query",
          "register",
          "distill",
          "distillation",
          "time",
          "pause",
          "think",
          "thinking",
          "tool",
          "instruction",
          "response",
          "newline",
          "space",
          "word",
          "char",
          "byte",
          "label",
          "input",
          "output",
          "target",
          "bpe",
          "dummy",
          "empty",
          "noise",
          "delimiter",
          "each",
          "every",
          "pooling",
          "cross");

  /** Before {@code pat}, which is a pattern or a patience elsewhere. */
  private static final Set<String> PATS =
      Set.of("github", "gh", "gitlab", "azure", "ado", "devops", "bitbucket");

  /** Before {@code pass}, which is a way through a network elsewhere. */
  private static final Set<String> PASSES = Set.of("db", "database", "user", "smtp", "mail", "ftp");

  private SecretNames() {}

  /** Whether a text under this name is a secret. */
  static boolean isSecret(String name) {
    return !name.isEmpty() && isSecret(words(name));
  }

  /** Whether the name says token: what looks like a word of a vocabulary is shown under it. */
  static boolean isToken(String name) {
    List<String> words = words(name);
    return !words.isEmpty() && words.get(words.size() - 1).equals(TOKEN);
  }

  private static boolean isSecret(List<String> words) {
    if (words.isEmpty()) {
      return false;
    }
    String last = words.get(words.size() - 1);
    String before = words.size() < 2 ? "" : words.get(words.size() - 2);
    return switch (last) {
      case "key", "keys" -> KEYS.contains(before);
      case "tokens" -> TOKENS.contains(before);
      case TOKEN -> !VOCABULARY.contains(before);
      case "pat" -> PATS.contains(before);
      case "pass" -> PASSES.contains(before);
      case "info" -> before.equals("user") && words.contains("auth");
      case "id" -> before.equals("key") && words.contains("access");
      case "config" -> before.equals("jaas");
      default -> LAST_WORDS.contains(last) || LAST_SYLLABLES.stream().anyMatch(last::endsWith);
    };
  }

  /** In lower case; numbers at the end are left out. */
  private static List<String> words(String name) {
    String end = name.substring(Math.max(0, name.length() - LONGEST));
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(end);
    while (word.find()) {
      words.add(word.group().toLowerCase(Locale.ROOT));
    }
    while (!words.isEmpty() && isNumber(words.get(words.size() - 1))) {
      words.remove(words.size() - 1);
    }
    return words;
  }

  private static boolean isNumber(String word) {
    return word.charAt(0) >= '0' && word.charAt(0) <= '9';
  }
}
