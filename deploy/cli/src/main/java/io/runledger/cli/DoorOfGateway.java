package io.runledger.cli;

import io.runledger.config.Configuration;
import io.runledger.gateway.Gateway;
import io.runledger.gateway.log.StreamMark;
import io.runledger.gateway.mlflow.KnownRuns;
import io.runledger.gateway.mlflow.MlflowRun;
import io.runledger.gateway.mlflow.MlflowWrites;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.Route;
import io.runledger.query.Ledger;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import io.runledger.web.door.Accepted;
import io.runledger.web.door.Door;
import io.runledger.web.mlflow.LedgerRuns;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway behind the page's port: what comes in goes to it, and it asks the page's ledger. */
public final class DoorOfGateway implements Door, Accepted {

  /** Made by the service loader. */
  public static final class Factory implements Door.Factory {

    /** For the service loader. */
    public Factory() {}

    @Override
    public Door open(Configuration configuration, Ledger ledger) {
      return new DoorOfGateway(configuration, ledger);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(DoorOfGateway.class);

  private final Gateway gateway;

  public DoorOfGateway(Configuration configuration, Ledger ledger) {
    this.gateway = new Gateway(configuration, new KnownOfLedger(ledger));
  }

  /** What the ledger says, in the gateway's records. */
  private record KnownOfLedger(Ledger ledger) implements KnownRuns {

    @Override
    public Optional<MlflowRun> find(RunId run) {
      return LedgerRuns.find(ledger, run)
          .map(
              found ->
                  new MlflowRun(
                      found.id(),
                      found.attempt(),
                      found.experiment(),
                      found.name(),
                      found.status(),
                      found.startMillis(),
                      found.endMillis(),
                      found.isDeleted(),
                      found.parameters(),
                      found.tags()));
    }

    @Override
    public Optional<String> project(String number) {
      return LedgerRuns.projects(ledger).stream()
          .filter(project -> ProjectNumber.of(project).equals(number))
          .findFirst();
    }
  }

  @Override
  public Reply events(Call call) throws IOException {
    return gateway.events(call);
  }

  @Override
  public List<Route> routes() {
    return gateway.routes();
  }

  @Override
  public Accepted accepted() {
    return this;
  }

  /** Empty where another process takes the calls: then what it has not delivered is not seen. */
  private Optional<MlflowWrites> calls() {
    try {
      return Optional.of(gateway.mlflow());
    } catch (IOException e) {
      LOG.debug("What was accepted by calls is not seen here.", e);
      return Optional.empty();
    }
  }

  @Override
  public Optional<AcceptedRun> run(RunId run) {
    return calls()
        .flatMap(calls -> calls.run(run))
        .map(
            found ->
                new AcceptedRun(
                    found.id(),
                    found.attempt(),
                    found.experiment(),
                    found.name(),
                    found.status(),
                    found.startMillis(),
                    found.endMillis(),
                    found.isDeleted(),
                    found.parameters(),
                    found.tags()));
  }

  @Override
  public List<Mark> awaited(RunId run) {
    return calls().map(calls -> calls.awaited(run)).orElse(List.of()).stream()
        .map(DoorOfGateway::mark)
        .toList();
  }

  @Override
  public Map<RunId, List<Mark>> awaited() {
    Map<RunId, List<Mark>> all = new LinkedHashMap<>();
    calls()
        .map(MlflowWrites::awaited)
        .orElse(Map.of())
        .forEach((run, marks) -> all.put(run, marks.stream().map(DoorOfGateway::mark).toList()));
    return all;
  }

  private static Mark mark(StreamMark mark) {
    return new Mark(mark.attempt(), mark.writer(), mark.topic(), mark.seq());
  }

  @Override
  public void arrived(RunId run, List<Mark> marks) {
    List<StreamMark> there =
        marks.stream()
            .map(
                mark ->
                    new StreamMark(run, mark.attempt(), mark.writer(), mark.topic(), mark.seq()))
            .toList();
    calls().ifPresent(calls -> calls.arrived(run, there));
  }

  @Override
  public List<Experiment> experiments() {
    return calls().map(MlflowWrites::experiments).orElse(List.of()).stream()
        .map(
            one ->
                new Experiment(
                    one.name(),
                    one.createdMillis(),
                    one.updatedMillis(),
                    one.isDeleted(),
                    one.tags()))
        .toList();
  }

  @Override
  public void close() {
    gateway.close();
  }
}
