package io.runledger.query.metrics;

import io.runledger.config.Printable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which end of a metric is the good one. */
public enum Optimum {
  MIN,
  MAX;

  /** Parts of a name that mark a loss wherever they occur. */
  private static final List<String> LOSS_PARTS = List.of("loss", "error", "perplexity");

  /** Words of a name that mark a loss. */
  private static final Set<String> LOSS_WORDS =
      Set.of("err", "mse", "rmse", "mae", "mape", "nll", "bce", "ce", "kl", "ppl", "wer", "cer");

  /** The word that people type: min or max. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads the word that people type.
   *
   * @throws IllegalArgumentException with a sentence when it is neither min nor max
   */
  public static Optimum ofWord(String word) {
    return Arrays.stream(values())
        .filter(optimum -> optimum.word().equals(word.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The mode must be min or max, not '" + Printable.word(word) + "'."));
  }

  /**
   * The default rule: small is good where the name suggests a loss or an error (it contains loss,
   * error or perplexity, or one of its words is err, mse, rmse, mae, mape, nll, bce, ce, kl, ppl,
   * wer or cer); large is good for all others.
   */
  public static Optimum of(String metric) {
    return looksLikeLoss(metric) ? MIN : MAX;
  }

  public static boolean looksLikeLoss(String metric) {
    String lower = metric.toLowerCase(Locale.ROOT);
    return LOSS_PARTS.stream().anyMatch(lower::contains)
        || Arrays.stream(lower.split("[^a-z0-9]+", -1)).anyMatch(LOSS_WORDS::contains);
  }
}
