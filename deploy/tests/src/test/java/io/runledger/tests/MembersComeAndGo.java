package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.service.rebuild.Rebuild;
import io.runledger.stack.LocalStack;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Services of one group share the partitions of a ledger on a server; they are added, killed,
 * stopped in the middle of their work and asked to leave, again and again, while records arrive,
 * each of them once or twice. Nothing is lost, and nothing is there twice, and one consumer that
 * fills a SQLite file from the same topics gives the same rows.
 */
final class MembersComeAndGo implements Scenario {

  private static final int MOST = 3;

  private enum Change {
    JOINS,
    KILLED,
    LEAVES,
    STANDS_STILL
  }

  @Override
  public String name() {
    return "members-come-and-go";
  }

  @Override
  public Set<Store> stores() {
    return EnumSet.of(Store.POSTGRES);
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Random random = laboratory.random();
    int changes = laboratory.times(10, 200);
    TrainingHistory history =
        new TrainingHistory(
            laboratory.seed(), laboratory.times(40, 250), laboratory.times(2_000, 10_000));
    List<TrainingHistory.Message> messages = new ArrayList<>(history.inOrder(5));
    messages.addAll(messages.subList(0, messages.size() / 3));
    Collections.shuffle(messages, random);
    int part = messages.size() / changes + 1;
    List<ServiceProcess> members = new ArrayList<>();
    try (LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack)) {
      TestLedger ledger = laboratory.ledger(stack);
      members.add(ServiceProcess.start(laboratory.directory(), ledger));
      for (int change = 0; change < changes; change++) {
        producer.send(
            messages.subList(
                Math.min(change * part, messages.size()),
                Math.min((change + 1) * part, messages.size())));
        change(laboratory, ledger, members, random);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(3_000));
      }
      while (members.size() < MOST) {
        members.add(ServiceProcess.start(laboratory.directory(), ledger));
      }
      for (ServiceProcess member : members) {
        member.awaitCaughtUp();
      }
      assertThat(Ledgers.count(ledger.location(), "dead_letters")).isZero();
      Ledgers.assertSound(ledger.location());
      Ledgers.assertOracle(ledger.location(), messages);
      for (ServiceProcess member : members) {
        assertThat(member.terminate()).as(member.output()).isZero();
      }
      // One consumer of a ledger on the same store, beside it.
      Ledgers.assertVerified(laboratory.directory(), ledger);
      TestLedger file =
          ledger.withDatabase(laboratory.directory().resolve("one-consumer.db").toString());
      Rebuild.run(file.configuration(), false, (done, total, soFar) -> {});
      Ledgers.assertOracle(file.location(), messages);
      Ledgers.assertSame(file.location(), ledger.location());
      return new Tally(changes, history.points(), 0, 0);
    } finally {
      members.forEach(ServiceProcess::close);
    }
  }

  private static void change(
      Laboratory laboratory, TestLedger ledger, List<ServiceProcess> members, Random random)
      throws Exception {
    Change change = Change.values()[random.nextInt(Change.values().length)];
    if (members.isEmpty() || (change == Change.JOINS && members.size() < MOST)) {
      members.add(ServiceProcess.start(laboratory.directory(), ledger));
      return;
    }
    ServiceProcess member = members.get(random.nextInt(members.size()));
    switch (change) {
      case JOINS, KILLED -> {
        member.killAfterMillis(random.nextInt(1_500));
        members.remove(member);
      }
      case LEAVES -> {
        // Before that a signal ends Java itself.
        member.awaitRunning();
        assertThat(member.terminate()).as(member.output()).isZero();
        members.remove(member);
      }
      case STANDS_STILL -> {
        member.stop();
        // Half of the times longer than the group waits for it.
        TimeUnit.MILLISECONDS.sleep(random.nextInt(12_000));
        member.signal("CONT");
      }
    }
  }
}
