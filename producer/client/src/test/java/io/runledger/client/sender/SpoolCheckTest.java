package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.check.Finding;
import io.runledger.check.Finding.Severity;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.spool.FollowedSpool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolCheckTest {

  @TempDir private Path spool;

  @Test
  void aSpoolThatNobodyHasMadeIsFine() {
    assertThat(SpoolCheck.check(spool.resolve("none")))
        .extracting(Finding::severity)
        .containsExactly(Severity.OK);
  }

  @Test
  void linesAppendedJustNowAreFineAndLeftAloneForMinutesAWarning() throws IOException {
    Files.writeString(spool.resolve("job.jsonl"), "{\"metrics\":{\"loss\":1}}\n");
    Instant now = Instant.now();

    assertThat(SpoolCheck.check(spool, InstantSource.fixed(now)))
        .extracting(Finding::severity)
        .containsExactly(Severity.OK);

    List<Finding> later =
        SpoolCheck.check(spool, InstantSource.fixed(now.plus(Duration.ofMinutes(6))));
    assertThat(later).hasSize(1);
    assertThat(later.get(0).severity()).isEqualTo(Severity.WARNING);
    assertThat(later.get(0).sentence())
        .contains("23 bytes of 1 writers or files", "not been sent", "runledger sync");
  }

  @Test
  void aSpoolThatIsFollowedKeepsItsFilesAndThatIsFine() throws IOException {
    Files.writeString(spool.resolve("job.jsonl"), "{\"metrics\":{\"loss\":1}}\n");
    FollowedSpool.follow(spool);

    assertThat(SpoolCheck.check(spool, InstantSource.fixed(Instant.now().plus(Duration.ofDays(1)))))
        .extracting(Finding::severity)
        .containsExactly(Severity.OK);
  }

  @Test
  void aDeskIsASpoolThatIsFollowedWhileNoBrokerIsNamed() throws IOException {
    Configuration own =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool.toString()),
            Map.of("HOME", spool.toString()),
            Optional.empty());
    assertThat(SpoolCheck.isOfDesk(own)).isFalse();

    FollowedSpool.follow(spool);

    assertThat(SpoolCheck.isOfDesk(own)).isTrue();
    assertThat(SpoolCheck.isOfDesk(own.with(Setting.BOOTSTRAP_SERVERS, "127.0.0.1:9092")))
        .isFalse();
  }

  @Test
  void whatIsInQuarantineIsCountedByWhetherItCanStillBeSent() throws IOException {
    Path quarantine = Files.createDirectory(spool.resolve("quarantine"));
    Files.writeString(quarantine.resolve("job.jsonl-line-7"), "long");
    Files.writeString(quarantine.resolve("job.jsonl-line-7.context"), "start");
    Files.writeString(quarantine.resolve("job.jsonl-bad-line-9"), "bad");

    assertThat(SpoolCheck.check(spool))
        .extracting(Finding::sentence)
        .anyMatch(sentence -> sentence.startsWith("1 events are in the quarantine"))
        .anyMatch(sentence -> sentence.startsWith("1 files are in quarantine because"))
        .hasSize(3);
  }
}
