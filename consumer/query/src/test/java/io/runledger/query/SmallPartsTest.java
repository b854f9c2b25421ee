package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.runledger.query.failure.NearNames;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.CurveBuilder;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.sql.FlatConfiguration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, texts, configurations and curves, without a database. */
class SmallPartsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "loss",
        "val/loss",
        "train_loss",
        "ValLoss",
        "error_rate",
        "test.mse",
        "rmse",
        "wer"
      })
  void smallIsGoodForWhatLooksLikeALoss(String name) {
    assertThat(Optimum.of(name)).isEqualTo(Optimum.MIN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"accuracy", "f1", "fitness", "power", "mseven", "gpu_memory_mb"})
  void largeIsGoodForAllOthers(String name) {
    assertThat(Optimum.of(name)).isEqualTo(Optimum.MAX);
  }

  @Test
  void anInvalidModeIsASentence() {
    assertThat(Optimum.ofWord("MIN")).isEqualTo(Optimum.MIN);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimum.ofWord("median"))
        .withMessage("The mode must be min or max, not 'median'.");
  }

  @Test
  void aConfigurationIsComparedByPaths() {
    assertThat(
            FlatConfiguration.of(
                Optional.of(
                    """
                    {"lr":5e-5,"model":{"heads":8,"a.b":{"":1}},"betas":[0.9,{"x":null}],"empty":{},"none":[]}""")))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "lr", "0.00005",
                "model.heads", "8",
                "model[\"a.b\"][\"\"]", "1",
                "betas[0]", "0.9",
                "betas[1].x", "null",
                "empty", "{}",
                "none", "[]"));
    assertThat(FlatConfiguration.of(Optional.empty())).isEmpty();
    assertThat(FlatConfiguration.of(Optional.of("{}"))).isEmpty();
  }

  @Test
  void aConfigurationThatWasCutIsComparedAsAText() {
    assertThat(FlatConfiguration.of(Optional.of("{\"lr\":0.1,\"lay")))
        .containsOnlyKeys("(cut configuration)");
    assertThat(FlatConfiguration.of(Optional.of("[".repeat(5_000))))
        .containsOnlyKeys("(cut configuration)");
  }

  @Test
  void nearNamesAreThoseThatContainOneAnotherOrDifferLittle() {
    List<String> known = List.of("val/loss", "train/loss", "val/accuracy", "f1");

    assertThat(NearNames.near("loss", known)).containsExactly("train/loss", "val/loss");
    assertThat(NearNames.near("val_los", known)).isEmpty();
    assertThat(NearNames.near("val_loss", known)).containsExactly("val/loss");
    assertThat(NearNames.near("VAL/ACCURACY", known)).containsExactly("val/accuracy");
    assertThat(NearNames.hint("zebra", known)).contains("there are 'val/loss'");
  }

  /** Only the first five were listed, as if there were no others. */
  @Test
  void allNearNamesAreTold() {
    List<String> layers =
        IntStream.range(0, 12).mapToObj(i -> "layer%02d/loss".formatted(i)).toList();

    String hint = NearNames.hint("loss", layers);

    assertThat(hint).startsWith("; did you mean one of these:").endsWith("?");
    assertThat(layers).allSatisfy(name -> assertThat(hint).contains("'" + name + "'"));
    List<String> many = IntStream.range(0, 101).mapToObj(i -> "loss" + i).toList();
    assertThat(NearNames.hint("loss", many)).contains("or one of more names");
    assertThat(NearNames.hint("loss", many.subList(0, 100))).doesNotContain("more names");
  }

  @Test
  void aCurveHasAsManyBucketsAsAskedForAndLosesNoExtreme() {
    CurveBuilder builder = new CurveBuilder(1_000, 10);
    for (int i = 0; i < 1_000; i++) {
      builder.add(OptionalLong.of(10L * i), i == 555 ? 1e9 : i == 556 ? Double.NaN : i);
    }

    Curve curve = builder.curve();

    assertThat(curve.points()).isEqualTo(1_000);
    assertThat(curve.buckets()).hasSize(10).allMatch(bucket -> bucket.points() == 100);
    assertThat(curve.buckets().get(5).high()).isEqualTo(1e9);
    assertThat(curve.buckets().get(5).nanCount()).isEqualTo(1);
    assertThat(curve.buckets().get(0).low()).isZero();
    assertThat(curve.buckets().get(0).mean()).isBetween(49.4999, 49.5001);
    assertThat(curve.buckets().get(0).firstStep()).hasValue(0);
    assertThat(curve.buckets().get(0).lastStep()).hasValue(990);
  }

  @Test
  void aCurveOfFewPointsHasOneBucketEach() {
    CurveBuilder builder = new CurveBuilder(2, 10);
    builder.add(OptionalLong.empty(), Double.NaN);
    builder.add(OptionalLong.empty(), Double.NEGATIVE_INFINITY);

    assertThat(builder.curve().buckets())
        .containsExactly(bucketOfOne(1, Double.NaN), bucketOfOne(0, Double.NEGATIVE_INFINITY));
  }

  private static Curve.Bucket bucketOfOne(long nans, double value) {
    return new Curve.Bucket(
        1, nans, value, value, Double.NaN, OptionalLong.empty(), OptionalLong.empty());
  }

  @Test
  void aCurveOfHugeNumbersKeepsAFiniteMean() {
    CurveBuilder builder = new CurveBuilder(2, 1);
    builder.add(OptionalLong.empty(), Double.MAX_VALUE);
    builder.add(OptionalLong.empty(), -Double.MAX_VALUE);

    assertThat(builder.curve().buckets().get(0).mean()).isFinite();
  }
}
