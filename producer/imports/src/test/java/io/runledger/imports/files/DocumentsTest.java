package io.runledger.imports.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations as YAML's writers leave them, and as damage does. */
class DocumentsTest {

  @TempDir private Path directory;
  private final List<String> said = new ArrayList<>();

  private Optional<ObjectNode> yaml(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("hparams.yaml"), text);
    return Documents.yaml(file, new Losses(said::add));
  }

  @Test
  void anAliasIsWhatItsAnchorHas() throws IOException {
    ObjectNode config =
        yaml("""
                betas: &id001
                - 0.9
                - 0.999
                betas_d: *id001
                lr: &lr 0.1
                groups:
                - {lr: *lr, betas: *id001}
                base: &base {a: 1, b: 2}
                more:
                  <<: *base
                  b: 3
                """)
            .orElseThrow();

    assertThat(config.path("betas_d").toString()).isEqualTo("[0.9,0.999]");
    assertThat(config.path("groups").toString()).isEqualTo("[{\"lr\":0.1,\"betas\":[0.9,0.999]}]");
    assertThat(config.path("more").toString()).isEqualTo("{\"a\":1,\"b\":3}");
    assertThat(said).isEmpty();
  }

  @Test
  void aliasesThatStandForTooManyValuesEndTheDocument() throws IOException {
    StringBuilder laughs = new StringBuilder("lr: 0.1\nx0: &x0 [1,1,1,1,1,1,1,1,1,1]\n");
    for (int i = 1; i < 30; i++) {
      laughs.append("x%d: &x%d [".formatted(i, i));
      laughs.append(("*x" + (i - 1) + ",").repeat(9)).append("*x").append(i - 1).append("]\n");
    }

    ObjectNode config = yaml(laughs.toString()).orElseThrow();

    assertThat(config.path("lr").doubleValue()).isEqualTo(0.1);
    assertThat(config.toString()).hasSizeLessThan(1 << 20);
    assertThat(said)
        .singleElement()
        .asString()
        .contains("its aliases stand for more than 100,000 values");
  }

  @Test
  void aListThatContainsItselfLosesOnlyThat() throws IOException {
    ObjectNode config = yaml("a: &a\n- 1\n- *a\nb: 2\n").orElseThrow();

    assertThat(config.toString()).isEqualTo("{\"a\":[1,null],\"b\":2}");
    assertThat(said).singleElement().asString().contains("line 3").contains("'a'");
  }

  @Test
  void theNumbersThatJsonHasNotAreReadAsPythonWritesThem() throws IOException {
    ObjectNode config =
        yaml("a: .nan\nb: .inf\nc: -.INF\nd: .NaN\ne: 1.0e-05\nf: '.nan'\ng: 3\nh: [.inf]\ni:\n")
            .orElseThrow();

    assertThat(config.path("a").doubleValue()).isNaN();
    assertThat(config.path("b").doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(config.path("c").doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(config.path("d").doubleValue()).isNaN();
    assertThat(config.path("e").doubleValue()).isEqualTo(1e-5);
    assertThat(config.path("f").isTextual()).isTrue();
    assertThat(config.path("g").isInt() || config.path("g").isLong()).isTrue();
    assertThat(config.path("i").isNull()).isTrue();
    assertThat(config.path("h").path(0).doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(said).isEmpty();
  }

  @Test
  void tagsOfPythonAreOnlyTexts() throws IOException {
    ObjectNode config =
        yaml("""
                shape: !!python/tuple
                - 3
                - 4
                activation: !!python/name:torch.nn.modules.activation.ReLU ''
                path: !!python/object/apply:pathlib.PosixPath
                - /
                - data
                space: !!python/object:argparse.Namespace
                  lr: 0.1
                run: !!python/object/apply:os.system ['touch executed']
                name: !!python/unicode 'x'
                """)
            .orElseThrow();

    assertThat(config.path("shape").toString()).isEqualTo("[3,4]");
    assertThat(config.path("activation").asText()).isEqualTo("torch.nn.modules.activation.ReLU");
    assertThat(config.path("path").toString()).isEqualTo("[\"/\",\"data\"]");
    assertThat(config.path("space").path("lr").doubleValue()).isEqualTo(0.1);
    assertThat(config.path("run").path(0).asText()).isEqualTo("touch executed");
    assertThat(config.path("name").asText()).isEqualTo("x");
    assertThat(said).isEmpty();
  }

  @Test
  void whatComesBeforeTheDamageIsKept() throws IOException {
    assertThat(yaml("lr: 0.1\nseed: 3\nlayers: [1, 2,\nname: \"x\n").orElseThrow().toString())
        .isEqualTo("{\"lr\":0.1,\"seed\":3}");
    assertThat(said).singleElement().asString().contains("behind its first 2 keys");
  }

  @Test
  void theLastLineOfAFileThatWasCutIsNotTakenForAValue() throws IOException {
    assertThat(yaml("lr: 0.1\nsteps: 10").orElseThrow().toString()).isEqualTo("{\"lr\":0.1}");
    assertThat(said).singleElement().asString().contains("its last line").contains("half a line");
  }

  @Test
  void aKeyThatIsThereTwiceIsNoted() throws IOException {
    assertThat(yaml("lr: 0.1\nlr: 0.2\n").orElseThrow().toString()).isEqualTo("{\"lr\":0.2}");
    assertThat(said).singleElement().asString().contains("line 2: 'lr' is there twice");
  }

  @Test
  void anEmptyFileSaysNothing() throws IOException {
    assertThat(yaml("")).isEmpty();
    assertThat(yaml("{}\n").orElseThrow().isEmpty()).isTrue();
    assertThat(said).isEmpty();
    assertThat(yaml("- 1\n")).isEmpty();
    assertThat(said).singleElement().asString().contains("not an object");
  }
}
