package io.runledger.web.door;

import io.javalin.http.ForbiddenResponse;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.Route;
import io.runledger.schemas.RunId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The door of a server that only reads. */
public final class ClosedDoor implements Door, Accepted {

  @Override
  public Reply events(Call call) {
    throw new ForbiddenResponse("This server has no spool to write to; it only reads.");
  }

  @Override
  public List<Route> routes() {
    return List.of();
  }

  @Override
  public Accepted accepted() {
    return this;
  }

  @Override
  public Optional<AcceptedRun> run(RunId run) {
    return Optional.empty();
  }

  @Override
  public List<Mark> awaited(RunId run) {
    return List.of();
  }

  @Override
  public Map<RunId, List<Mark>> awaited() {
    return Map.of();
  }

  @Override
  public void arrived(RunId run, List<Mark> marks) {}

  @Override
  public List<Experiment> experiments() {
    return List.of();
  }

  @Override
  public void close() {}
}
