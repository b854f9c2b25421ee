package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.service.group.DatabaseTag;
import io.runledger.service.log.FakeBrokers;
import io.runledger.service.log.LogInspector;
import io.runledger.service.log.RetentionCheck;
import io.runledger.service.stop.GroupInUseException;
import io.runledger.service.stop.RetentionException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  private static final Duration SESSION = Duration.ofSeconds(50);

  private Instant now = Instant.EPOCH;
  private final FakeBrokers brokers = new FakeBrokers();

  @Test
  void whoIsAloneOnTopicsThatNeverForgetMayJoin() {
    assertThat(admission(false).ask()).isEmpty();
  }

  @Test
  void topicsThatForgetAreRefusedWithTheSettingAndTheWayOut() {
    brokers.forgetfulSettings.add("runledger.runs has retention.ms=60000 instead of -1");

    assertThatThrownBy(() -> admission(false).ask())
        .isInstanceOf(RetentionException.class)
        .hasMessageContaining("runledger.runs has retention.ms=60000")
        .hasMessageContaining("topics init");
  }

  @Test
  void topicsThatForgetAreTakenByWhoAcceptedIt() {
    brokers.forgetfulSettings.add("runledger.runs has retention.ms=60000 instead of -1");

    assertThat(admission(true).ask()).isEmpty();
  }

  @Test
  void aMemberThatWasKilledIsGivenItsSessionToLeave() {
    Admission admission = admission(false);
    brokers.otherMembers.add("node7-ledger at /10.0.0.7");

    assertThat(admission.ask()).hasValueSatisfying(why -> assertThat(why).contains("node7-ledger"));
    now = now.plus(SESSION);
    assertThat(admission.ask()).isPresent();
    brokers.otherMembers.clear();

    assertThat(admission.ask()).isEmpty();
  }

  @Test
  void aMemberThatStaysIsAnotherServiceAndThisOneLeaves() {
    Admission admission = admission(false);
    brokers.otherMembers.add("node7-ledger at /10.0.0.7");
    admission.ask();
    now = now.plus(SESSION).plusMillis(1);

    assertThatThrownBy(admission::ask)
        .isInstanceOf(GroupInUseException.class)
        .hasMessageContaining("node7-ledger at /10.0.0.7")
        .hasMessageContaining("group.id");
  }

  @Test
  void brokersThatDoNotAnswerAreTheCallersToWaitFor() {
    brokers.away = true;

    assertThatThrownBy(() -> admission(false).ask())
        .isInstanceOf(LogInspector.BrokersUnavailableException.class);
  }

  @Test
  void whoSharesItsGroupWaitsForNobodyAndStillRefusesTopicsThatForget() {
    brokers.otherMembers.add("node7-ledger at /10.0.0.7");
    Admission admission = besideOthers();
    assertThat(admission.ask()).isEmpty();

    brokers.forgetfulSettings.add("runledger.runs has retention.ms=60000 instead of -1");

    assertThatThrownBy(admission::ask).isInstanceOf(RetentionException.class);
  }

  @Test
  void whoWouldTakePartitionsFromAnotherDatabaseIsRefused() {
    brokers.membersOfAnother.add("consumer-7 at /10.0.0.7");
    Admission admission = besideOthers();

    assertThat(admission.ask()).get().asString().contains("consumer-7 at /10.0.0.7");
    now = now.plus(SESSION).plusMillis(1);

    assertThatThrownBy(admission::ask)
        .isInstanceOf(GroupInUseException.class)
        .hasMessageContaining("Consumer group g fills another database")
        .hasMessageContaining("group.id");
  }

  private Admission besideOthers() {
    return Admission.besideOthers(
        brokers,
        "g",
        Optional.of(DatabaseTag.of("1/2/runledger")),
        new RetentionCheck(brokers, false),
        SESSION,
        () -> now);
  }

  private Admission admission(boolean finiteRetentionAccepted) {
    return Admission.alone(
        brokers,
        "g",
        "i",
        new RetentionCheck(brokers, finiteRetentionAccepted),
        SESSION,
        () -> now);
  }
}
