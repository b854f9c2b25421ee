package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The man pages, as man(1) reads them. */
class ManPagesTest {

  private final Map<String, String> pages = ManPages.all();

  @Test
  void eachVerbAndEachSubcommandHasAPage() {
    for (Verb verb : Verb.values()) {
      assertThat(pages).containsKey("runledger-" + verb.word());
    }
    assertThat(pages).containsKeys("runledger", "runledger-token-create", "runledger-slurm-watch");
  }

  @Test
  void eachPageHasTheSectionsOfOneAndNoEmptyLineOfTroff() {
    assertThat(pages)
        .allSatisfy(
            (name, page) -> {
              assertThat(page).as(name).startsWith(".TH ").doesNotContain("\n\n", "%n", "${", "@|");
              assertThat(page.lines())
                  .as(name)
                  .contains(".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS");
            });
  }

  @Test
  void anOptionIsNamedWithItsValueAndExplained() {
    assertThat(pages.get("runledger-list"))
        .contains("runledger\\-list \\- List the newest runs, one per line")
        .contains(".TP\n\\fB\\-\\-limit\\fR=\\fIN\\fR\nShow at most N rows.")
        .contains(".SH EXAMPLES\n.nf\n  runledger list \\-\\-limit 20\n");
  }
}
