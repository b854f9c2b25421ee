package io.runledger.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.NamedField;
import io.runledger.query.format.GroupCells;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunDocument;
import io.runledger.query.format.Times;
import io.runledger.query.groups.GroupCurve;
import io.runledger.query.groups.RunGroup;
import io.runledger.query.groups.RunValue;
import io.runledger.query.groups.RunValue.OfSummary;
import io.runledger.query.groups.XAxis;
import io.runledger.query.metrics.Optimum;
import java.util.List;
import java.util.Set;

/**
 * A metric over groups of runs. The numbers are of all runs that match; the limit is of groups, in
 * the order of their keys.
 */
public final class GroupRoutes {

  private static final int GROUPS = 1_000;
  private static final int MOST_GROUPS = 50_000;
  private static final int CURVES = 20;
  private static final int MOST_CURVES = 100;
  private static final int WIDTH = 400;
  private static final int MOST_PLACES = 2_000;

  private final Ledger ledger;

  public GroupRoutes(Ledger ledger) {
    this.ledger = ledger;
  }

  public void addTo(RoutesConfig routes) {
    routes.get("/api/v1/groups", this::groups);
    routes.get("/api/v1/groups/curves", this::curves);
  }

  private void groups(Context context) {
    Parameters parameters =
        Parameters.of(context, Set.of("by", "metric", "value", "filter", "limit"));
    List<NamedField> by = by(parameters);
    String metric = parameters.some("metric", 1).get(0);
    RunValue value = value(parameters, metric);
    int limit = parameters.number("limit", GROUPS, 1, MOST_GROUPS);
    List<RunGroup> groups =
        ledger.groups(TableRoutes.filter(parameters), NamedField.fields(by), metric, value);
    ObjectNode json = Json.object().put("metric_name", metric).put("value", value.word());
    json.put("total", groups.size());
    GroupCells cells = new GroupCells(by, Times.UTC);
    json.set("groups", RunDocument.list(first(groups, limit), cells::json));
    Answers.json(context, json);
  }

  private void curves(Context context) {
    Parameters parameters =
        Parameters.of(context, Set.of("by", "metric", "x", "width", "filter", "limit"));
    List<NamedField> by = by(parameters);
    String metric = parameters.some("metric", 1).get(0);
    XAxis axis = axis(parameters);
    int width = parameters.number("width", WIDTH, 1, MOST_PLACES);
    int limit = parameters.number("limit", CURVES, 1, MOST_CURVES);
    ObjectNode json = Json.object().put("metric_name", metric).put("x", axis.word());
    GroupCells cells = new GroupCells(by, Times.UTC);
    try (Snapshot snapshot = ledger.snapshot()) {
      List<GroupCurve> curves =
          snapshot.groupCurves(
              TableRoutes.filter(parameters), NamedField.fields(by), metric, axis, width, limit);
      json.set("series", RunDocument.list(curves, curve -> cells.json(curve, axis.word())));
    }
    Answers.json(context, json);
  }

  /** The fields of the parameter {@code by}; none for one group of all. */
  private static List<NamedField> by(Parameters parameters) {
    return parameters
        .text("by")
        .map(text -> NamedField.list("list of fields", text))
        .orElse(List.of());
  }

  /** Which value stands for a run; the best is the one that the metric's name suggests. */
  private static RunValue value(Parameters parameters, String metric) {
    try {
      RunValue asked = RunValue.parse(parameters.word("value").orElse(Aggregate.LAST.word()));
      return asked.equals(new OfSummary(Aggregate.BEST))
          ? RunValue.best(Optimum.of(metric))
          : asked;
    } catch (IllegalArgumentException e) {
      throw new BadRequestException("The parameter value: " + e.getMessage());
    }
  }

  private static XAxis axis(Parameters parameters) {
    try {
      return parameters.word("x").map(XAxis::ofWord).orElse(XAxis.STEP);
    } catch (IllegalArgumentException e) {
      throw new BadRequestException("The parameter x: " + e.getMessage());
    }
  }

  private static <T> List<T> first(List<T> all, int limit) {
    return all.subList(0, Math.min(all.size(), limit));
  }
}
