package io.runledger.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A tree of JSON with its secrets hidden, in place.
 *
 * @param tree the tree that was given
 * @param keys where something was hidden, such as {@code db.password} and {@code args[3]}; the
 *     first thousand
 */
public record MaskedJson(JsonNode tree, List<String> keys) {

  private static final int MOST_KEYS = 1_000;
  private static final int LONGEST_KEY = 300;

  /** Hides what is secret by these rules. */
  public static MaskedJson of(JsonNode tree, Secrets secrets) {
    Walk walk = new Walk(secrets);
    return new MaskedJson(walk.masked(tree, "", "", false), List.copyOf(walk.keys));
  }

  /** The command line with what is secret in it hidden. */
  public static List<String> arguments(List<String> words, Secrets secrets) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    words.forEach(array::add);
    List<String> shown = new ArrayList<>();
    of(array, secrets).tree().forEach(word -> shown.add(word.textValue()));
    return shown;
  }

  private static final class Walk {
    private final Secrets secrets;
    private final List<String> keys = new ArrayList<>();

    Walk(Secrets secrets) {
      this.secrets = secrets;
    }

    /**
     * What replaces a value.
     *
     * @param name the name that decides over it: of a list's values the list's
     * @param inherited whether an object around it has a secret's name
     */
    JsonNode masked(JsonNode value, String name, String path, boolean inherited) {
      if (value instanceof ObjectNode object) {
        boolean all = inherited || (secrets.isSecret(name) && !SecretNames.isToken(name));
        for (Map.Entry<String, JsonNode> each : List.copyOf(object.properties())) {
          String key = each.getKey();
          String its = path.isEmpty() ? key : path + "." + key;
          object.set(
              key,
              secrets.isNamed(key) && !each.getValue().isNull()
                  ? hidden(its)
                  : masked(each.getValue(), key, its, all));
        }
        return object;
      }
      if (value instanceof ArrayNode array) {
        list(array, name, path, inherited);
        return array;
      }
      if (!value.isTextual()) {
        return value;
      }
      String text = value.textValue();
      if (secrets.hides(name, text) || (inherited && Secrets.mayBeSecret(text))) {
        return hidden(path);
      }
      String shown = secrets.text(text);
      if (shown.equals(text)) {
        return value;
      }
      note(path);
      return new TextNode(shown);
    }

    private void list(ArrayNode array, String name, String path, boolean inherited) {
      boolean secretFollows = false;
      for (int i = 0; i < array.size(); i++) {
        JsonNode each = array.get(i);
        String its = path + "[" + i + "]";
        String text = each.isTextual() ? each.textValue() : "";
        if (secretFollows && each.isTextual() && !text.startsWith("-")) {
          String option = Secrets.option(array.get(i - 1).textValue());
          array.set(i, secrets.hides(option, text) ? hidden(its) : each);
          secretFollows = false;
        } else {
          secretFollows = secrets.isSecretOption(text);
          array.set(i, masked(each, name, its, inherited));
        }
      }
    }

    private JsonNode hidden(String path) {
      note(path);
      return new TextNode(Secrets.MASK);
    }

    private void note(String path) {
      if (keys.size() < MOST_KEYS) {
        keys.add(path.length() <= LONGEST_KEY ? path : path.substring(0, LONGEST_KEY));
      }
    }
  }
}
