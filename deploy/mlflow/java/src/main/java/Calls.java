import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.FileInfo;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.RunsPage;

/**
 * Logs with MLflow's client for Java to the server of MLFLOW_TRACKING_URI, reads it back, and prints what it read as JSON.
 * Whatever a call throws is what it answered. Names that a server chooses are printed as what must hold of them.
 */
public final class Calls {

  private static final long AT = 1_795_828_478_600L;

  private final Map<String, Object> observed = new TreeMap<>();
  private final MlflowClient client = new MlflowClient();
  private String experiment;
  private String run;

  private Calls() {}

  /** @param arguments none */
  public static void main(String[] arguments) throws Exception {
    Calls calls = new Calls();
    calls.experiments();
    calls.oneRun();
    calls.readBack();
    calls.artifacts();
    calls.searches();
    calls.ends();
    System.out.println(new ObjectMapper().writeValueAsString(calls.observed));
  }

  private interface Deed {
    void run() throws Exception;
  }

  private <T> Optional<T> observe(String what, Callable<T> call) {
    try {
      T answer = call.call();
      observed.put(what, answer);
      return Optional.ofNullable(answer);
    } catch (MlflowHttpException e) {
      observed.put(what, "throws MlflowHttpException " + e.getStatusCode() + " " + code(e.getBodyMessage()));
    } catch (Exception e) {
      observed.put(what, "throws " + e.getClass().getSimpleName());
    }
    return Optional.empty();
  }

  private void done(String what, Deed deed) {
    observe(
        what,
        () -> {
          deed.run();
          return "done";
        });
  }

  private static String code(String body) {
    try {
      return new ObjectMapper().readTree(body).path("error_code").asText();
    } catch (IOException e) {
      return "without JSON";
    }
  }

  private void experiments() {
    observe("an unknown experiment", () -> client.getExperimentByName("nobody's").isPresent());
    experiment = client.createExperiment("from java");
    done("setExperimentTag", () -> client.setExperimentTag(experiment, "team", "x"));
    observe(
        "the experiment",
        () -> {
          Experiment made = client.getExperiment(experiment);
          return List.of(made.getName(), made.getLifecycleStage(), made.getTagsList().stream().map(tag -> tag.getKey() + "=" + tag.getValue()).toList());
        });
    observe("the experiment by its name", () -> client.getExperimentByName("from java").orElseThrow().getExperimentId().equals(experiment));
    observe("createExperiment of a name that is taken", () -> client.createExperiment("from java"));
    String other = client.createExperiment("other of java");
    observe("experiments by filter", () -> client.searchExperiments("name LIKE 'other%'").getItems().stream().map(Experiment::getName).toList());
    done("renameExperiment", () -> client.renameExperiment(other, "renamed of java"));
    done("deleteExperiment", () -> client.deleteExperiment(other));
    observe("a deleted experiment", () -> client.getExperiment(other).getLifecycleStage());
    done("restoreExperiment", () -> client.restoreExperiment(other));
    observe("a restored experiment", () -> client.getExperiment(other).getLifecycleStage());
    observe("an experiment that is not there", () -> client.getExperiment("123456789").getName());
  }

  private void oneRun() {
    RunInfo made = client.createRun(experiment);
    run = made.getRunId();
    observe("a new run", () -> List.of(made.getStatus().name(), made.getLifecycleStage(), made.getExperimentId().equals(experiment)));
    done("logParam", () -> client.logParam(run, "rate", "0.1"));
    done("logParam again, the same", () -> client.logParam(run, "rate", "0.1"));
    done("logParam again, another", () -> client.logParam(run, "rate", "0.2"));
    done("logMetric", () -> client.logMetric(run, "loss", 0.5, AT, 1));
    done("logMetric of NaN", () -> client.logMetric(run, "nan", Double.NaN, AT, 1));
    done("logMetric of infinity", () -> client.logMetric(run, "infinity", Double.NEGATIVE_INFINITY, AT, 1));
    done("logMetric without a step", () -> client.logMetric(run, "none", 1.5));
    List<Metric> metrics = new ArrayList<>();
    for (int step = 2; step <= 900; step++) {
      metrics.add(Metric.newBuilder().setKey("loss").setValue(1.0 / step).setTimestamp(AT + step).setStep(step).build());
    }
    done(
        "logBatch",
        () ->
            client.logBatch(
                run,
                metrics,
                List.of(Param.newBuilder().setKey("p").setValue("1").build()),
                List.of(RunTag.newBuilder().setKey("t").setValue("1").build())));
    done("setTag", () -> client.setTag(run, "k", "v"));
    done("setTag of its name", () -> client.setTag(run, "mlflow.runName", "java's"));
    done("setTag that goes", () -> client.setTag(run, "gone", "v"));
    done("deleteTag", () -> client.deleteTag(run, "gone"));
    done("deleteTag of none", () -> client.deleteTag(run, "never was"));
    done("setTerminated", () -> client.setTerminated(run, RunStatus.FINISHED, AT + 5_000));
  }

  private void readBack() {
    Run read = client.getRun(run);
    observe("its end", () -> List.of(read.getInfo().getStatus().name(), read.getInfo().getEndTime()));
    observe("its name", () -> read.getInfo().getRunName());
    observe("params", () -> read.getData().getParamsList().stream().map(one -> one.getKey() + "=" + one.getValue()).sorted().toList());
    observe("metrics", () -> read.getData().getMetricsList().stream().map(one -> one.getKey() + "=" + one.getValue() + " at " + one.getStep()).sorted().toList());
    observe("tags", () -> read.getData().getTagsList().stream().map(one -> one.getKey() + "=" + (one.getKey().equals("mlflow.user") ? "USER" : one.getValue())).sorted().toList());
    observe("the history's length", () -> client.getMetricHistory(run, "loss").size());
    observe(
        "the history's ends",
        () -> {
          List<Metric> history = client.getMetricHistory(run, "loss").stream().sorted(Comparator.comparingLong(Metric::getStep)).toList();
          return Stream.of(history.get(0), history.get(history.size() - 1)).map(one -> one.getStep() + ": " + one.getValue() + " at " + one.getTimestamp()).toList();
        });
    observe("the history of none", () -> client.getMetricHistory(run, "never").size());
    observe("an unknown run", () -> client.getRun("0".repeat(32)).getInfo().getRunId());
    done("logMetric to an unknown run", () -> client.logMetric("0".repeat(32), "m", 1));
  }

  /** These start the Python of MLFLOW_PYTHON_EXECUTABLE. */
  private void artifacts() throws IOException {
    Path directory = Files.createTempDirectory("calls");
    File file = Files.writeString(directory.resolve("file.txt"), "hello").toFile();
    done("logArtifact", () -> client.logArtifact(run, file));
    done("logArtifacts", () -> client.logArtifacts(run, directory.toFile(), "all"));
    observe("artifacts", () -> files(client.listArtifacts(run)));
    observe("artifacts of a directory", () -> files(client.listArtifacts(run, "all")));
    observe("downloadArtifacts", () -> Files.readString(client.downloadArtifacts(run, "all/file.txt").toPath()));
    Files.delete(file.toPath());
    Files.delete(directory);
  }

  private static List<String> files(List<FileInfo> files) {
    return files.stream().map(one -> one.getPath() + (one.getIsDir() ? "/" : " " + one.getFileSize())).sorted().toList();
  }

  private void searches() {
    MlflowContext context = new MlflowContext(client).setExperimentId(experiment);
    for (int i = 0; i < 5; i++) {
      ActiveRun active = context.startRun("of five " + i);
      active.logParam("index", Integer.toString(i));
      active.logMetric("score", i / 10.0);
      active.setTag("kind", i % 2 == 0 ? "even" : "odd");
      active.endRun();
    }
    observe("withActiveRun", () -> {
      context.withActiveRun("within", active -> active.logMetric("within", 1));
      return "done";
    });
    for (String filter :
        List.of(
            "metrics.score > 0.2",
            "params.index = '3'",
            "tags.kind = 'odd' and metrics.score < 1",
            "attributes.status = 'FINISHED'",
            "attributes.run_name LIKE 'of five%'",
            "nonsense")) {
      observe("runs where " + filter, () -> client.searchRuns(List.of(experiment), filter).stream().map(RunInfo::getRunName).sorted().toList());
    }
    observe(
        "pages",
        () -> {
          List<List<String>> pages = new ArrayList<>();
          RunsPage page = client.searchRuns(List.of(experiment), "metrics.score >= 0", ViewType.ACTIVE_ONLY, 2, List.of("metrics.score DESC"));
          pages.add(names(page));
          while (page.hasNextPage()) {
            page = (RunsPage) page.getNextPage();
            pages.add(names(page));
          }
          return pages;
        });
  }

  private static List<String> names(RunsPage page) {
    return page.getItems().stream().map(each -> each.getInfo().getRunName()).collect(Collectors.toList());
  }

  private void ends() {
    String failed = client.createRun(experiment).getRunId();
    done("setTerminated as failed", () -> client.setTerminated(failed, RunStatus.FAILED));
    observe("a failed run", () -> client.getRun(failed).getInfo().getStatus().name());
    done("deleteRun", () -> client.deleteRun(run));
    observe("a deleted run", () -> client.getRun(run).getInfo().getLifecycleStage());
    done("logMetric to a deleted run", () -> client.logMetric(run, "m", 1));
    observe("deleted runs", () -> names(client.searchRuns(List.of(experiment), "", ViewType.DELETED_ONLY, 10)));
    done("restoreRun", () -> client.restoreRun(run));
    observe("a restored run", () -> client.getRun(run).getInfo().getLifecycleStage());
    client.close();
  }
}
