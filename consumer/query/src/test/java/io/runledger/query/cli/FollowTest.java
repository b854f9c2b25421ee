package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.OnEachStore;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verbs that keep showing what is new. */
@OnEachStore
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FollowTest extends OpenLaboratory {

  /** A pipe whose reader may leave. */
  private static final class Pipe extends Writer {

    private final StringBuilder text = new StringBuilder();
    private boolean isBroken;

    @Override
    public synchronized void write(char[] characters, int from, int count) throws IOException {
      if (isBroken) {
        throw new IOException("Broken pipe");
      }
      text.append(characters, from, count);
    }

    synchronized void leave() {
      isBroken = true;
    }

    synchronized String text() {
      return text.toString();
    }

    List<String> lines() {
      return text().lines().toList();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private final Pipe out = new Pipe();
  private final StringWriter err = new StringWriter();

  private CompletableFuture<Integer> follow(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--follow", "--db", laboratory.location()));
    return CompletableFuture.supplyAsync(
        () -> Command.run(out, err, all.toArray(String[]::new)), task -> new Thread(task).start());
  }

  private void awaitLines(int count) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(out.lines()).hasSize(count));
  }

  @AfterEach
  void forgetTheTerminal() {
    System.clearProperty("runledger.columns");
    System.clearProperty("runledger.lines");
  }

  @Test
  void pointsComeOnceEachUntilTheRunHasEnded() {
    Events job = Events.ofName("vision", "training", new UUID(1, 1));
    laboratory.deliver(job.started(), job.metric("loss", 1, 0.5), job.metric("acc", 1, 0.1));

    CompletableFuture<Integer> verb = follow("metrics", job.run().toString(), "loss", "--csv");
    awaitLines(2);
    laboratory.deliver(job.metric("loss", 2, Double.NaN), job.metric("acc", 2, 0.2));
    awaitLines(3);
    laboratory.deliver(job.metric("loss", 3, 0.25), job.completed());

    assertThat(verb.join()).as(err.toString()).isZero();
    assertThat(out.lines()).hasSize(4);
    assertThat(out.lines().get(1)).startsWith("loss,1,").contains(",0.5,");
    assertThat(out.lines().get(2)).startsWith("loss,2,").contains(",NaN,");
    assertThat(out.lines().get(3)).startsWith("loss,3,").contains(",0.25,");
  }

  @Test
  void pointsOfAResumeFollowThoseThatItReplaced() {
    Events first = Events.ofName("vision", "training", new UUID(1, 1));
    laboratory.deliver(first.started(), first.metric("loss", 1, 1.0), first.metric("loss", 2, 2.0));
    CompletableFuture<Integer> verb = follow("metrics", first.run().toString(), "loss", "--csv");
    awaitLines(3);

    Events second = first.attempt(2);
    laboratory.deliver(second.resumedFrom(1), second.metric("loss", 2, 2.5));
    awaitLines(4);
    laboratory.deliver(second.completed());

    assertThat(verb.join()).as(err.toString()).isZero();
    assertThat(out.lines().get(3)).startsWith("loss,2,").contains(",2.5,");
  }

  @Test
  void aRunThatChangesIsAFurtherRowUntilTheReaderLeaves() {
    Events job = Events.ofName("vision", "training", new UUID(1, 1));
    laboratory.deliver(job.started());
    CompletableFuture<Integer> verb =
        follow("list", "--columns", "id,status,metric.loss.last", "--csv");
    awaitLines(2);

    Events other = Events.ofName("vision", "other", new UUID(1, 2));
    laboratory.deliver(other.started());
    awaitLines(3);
    laboratory.deliver(job.metric("loss", 7, 0.5));
    awaitLines(4);
    out.leave();
    laboratory.deliver(job.completed());

    assertThat(verb.join()).isZero();
    assertThat(out.lines())
        .containsExactly(
            "id,status,metric.loss.last",
            job.run() + ",running,",
            other.run() + ",running,",
            job.run() + ",running,0.5");
  }

  @Test
  void onlyRunsThatPassTheFilterAreFollowed() {
    Events job = Events.ofName("vision", "training", new UUID(1, 1));
    laboratory.deliver(job.started());
    CompletableFuture<Integer> verb =
        follow("list", "--columns", "id,status", "--filter", "status = failed");

    Events other = Events.ofName("vision", "other", new UUID(1, 2));
    laboratory.deliver(other.started(), job.metric("loss", 1, 0.5));
    laboratory.deliver(other.status(RunStatus.FAILED, StatusSource.WRAPPER, 1));
    awaitLines(2);
    out.leave();
    laboratory.deliver(other.metric("loss", 1, 0.5));

    assertThat(verb.join()).isZero();
    assertThat(out.lines().get(1)).isEqualTo(other.run() + "  failed");
  }

  @Test
  void aTerminalIsRedrawnFromItsTopAndNeverLongerThanItIs() {
    System.setProperty("runledger.columns", "120");
    System.setProperty("runledger.lines", "6");
    for (int i = 0; i < 9; i++) {
      laboratory.deliver(Events.ofName("vision", "run-" + i, new UUID(1, i)).started());
    }
    CompletableFuture<Integer> verb = follow("list");
    Awaitility.await().until(() -> out.text().contains("run-8"));
    String first = out.text();
    assertThat(first).startsWith("\033[H").endsWith("\033[K\033[J");
    assertThat(first.lines().filter(line -> line.contains("run-"))).hasSize(4);

    laboratory.deliver(Events.ofName("vision", "run-new", new UUID(2, 1)).started());
    Awaitility.await().until(() -> out.text().contains("run-new"));
    out.leave();

    assertThat(verb.join()).isZero();
    assertThat(out.text().substring(first.length())).startsWith("\033[H");
  }

  @Test
  void whatHasAnEndIsNotFollowed() {
    assertThat(Command.at(laboratory.location(), "list", "--follow", "--json").code()).isEqualTo(2);
    assertThat(Command.at(laboratory.location(), "metrics", "x", "--follow").code()).isEqualTo(2);
    assertThat(
            Command.at(laboratory.location(), "metrics", "x", "loss", "--follow", "--buckets", "9")
                .code())
        .isEqualTo(2);
  }
}
