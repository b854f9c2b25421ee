package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A verb that is given the database of a desk finds its spool. */
class SpoolOfDatabaseTest {

  @TempDir private Path directory;

  @Test
  void theSpoolNextToADatabaseIsItsOwnWhereItIsFollowedAndNoOtherIsNamed() throws Exception {
    Path database = directory.resolve("desk.db");
    Path spool = directory.resolve("desk.db.spool");
    Map<String, String> flags = Map.of(Setting.DB.key(), database.toString());
    Map<String, String> home = Map.of("HOME", directory.toString());
    Configuration ofDesk = Configuration.load(flags, home, Optional.empty());
    assertThat(FollowedSpool.ofDatabase(ofDesk)).isSameAs(ofDesk);

    FollowedSpool.follow(spool);

    assertThat(FollowedSpool.ofDatabase(ofDesk).path(Setting.SPOOL)).isEqualTo(spool);
    Configuration named = ofDesk.with(Setting.SPOOL, directory.resolve("other").toString());
    assertThat(FollowedSpool.ofDatabase(named)).isSameAs(named);
    Configuration unnamed = Configuration.load(Map.of(), home, Optional.empty());
    assertThat(FollowedSpool.ofDatabase(unnamed)).isSameAs(unnamed);
  }

  @Test
  void whatIsConfiguredForAnotherLedgerDoesNotTakeTheEventsOfADatabaseThatIsNamed()
      throws Exception {
    Path spool = directory.resolve("desk.db.spool");
    FollowedSpool.follow(spool);
    Map<String, String> elsewhere =
        Map.of(
            "HOME", directory.toString(),
            "RUNLEDGER_DB", directory.resolve("desk.db").toString(),
            "RUNLEDGER_SPOOL", directory.resolve("stack").toString(),
            "RUNLEDGER_BOOTSTRAP_SERVERS", "127.0.0.1:9",
            "RUNLEDGER_URL", "https://ledger.example.org/");
    Map<String, String> named = Map.of(Setting.DB.key(), directory.resolve("desk.db").toString());

    Configuration ofDesk =
        FollowedSpool.ofDatabase(Configuration.load(named, elsewhere, Optional.empty()));

    assertThat(ofDesk.path(Setting.SPOOL)).isEqualTo(spool);
    assertThat(ofDesk.isSet(Setting.BOOTSTRAP_SERVERS)).isFalse();
    assertThat(ofDesk.isSet(Setting.URL)).isFalse();
    Configuration unnamed = Configuration.load(Map.of(), elsewhere, Optional.empty());
    assertThat(FollowedSpool.ofDatabase(unnamed)).isSameAs(unnamed);
    Configuration withBrokers =
        FollowedSpool.ofDatabase(
            Configuration.load(named, elsewhere, Optional.empty())
                .with(Setting.BOOTSTRAP_SERVERS, "127.0.0.1:10"));
    assertThat(withBrokers.get(Setting.BOOTSTRAP_SERVERS)).isEqualTo("127.0.0.1:10");
  }
}
