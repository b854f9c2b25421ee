package io.runledger.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.agent.slurm.SlurmWatcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class SlurmCommandTest {

  @Test
  void withoutFlagsItAsksEveryHalfMinuteAndListensNowhere() {
    SlurmWatcher.Options options = options("watch");

    assertThat(options.interval()).hasSeconds(30);
    assertThat(options.asks()).isTrue();
    assertThat(options.accounting()).isTrue();
    assertThat(options.cluster()).isEmpty();
    assertThat(options.port()).isEmpty();
  }

  @Test
  void theCallsCanBeSwitchedOff() {
    assertThat(options("watch", "--no-poll").asks()).isFalse();
    assertThat(options("watch", "--no-sacct").accounting()).isFalse();
  }

  @Test
  void anAddressMayBeIpv6() {
    SlurmWatcher.Options options = options("watch", "--listen", "[::1]:9465");

    assertThat(options.host()).isEqualTo("[::1]");
    assertThat(options.port()).contains(9465);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--interval=9", "--interval=151", "--listen=9465", "--listen=a:", "--listen=a:x"})
  void whatWouldBurdenSlurmOrMeansNothingIsRefused(String flag) {
    assertThatThrownBy(() -> options("watch", flag)).isInstanceOf(ParameterException.class);
  }

  private static SlurmWatcher.Options options(String... words) {
    CommandLine.ParseResult parsed = new CommandLine(new SlurmCommand()).parseArgs(words);
    SlurmCommand.WatchCommand watch =
        (SlurmCommand.WatchCommand) parsed.subcommand().commandSpec().userObject();
    return watch.options();
  }
}
