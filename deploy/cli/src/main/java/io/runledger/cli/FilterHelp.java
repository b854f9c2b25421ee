package io.runledger.cli;

import io.runledger.config.ExitCodes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code runledger help filter}: the language of {@code --filter}, which no single verb owns. */
@Command(
    name = FilterHelp.WORD,
    mixinStandardHelpOptions = true,
    customSynopsis = "runledger VERB --filter FILTER",
    description = {
      "Say in one line which runs are meant. A filter is tests of fields, joined with and, or, not and brackets.",
      "",
      "Tests:",
      "  FIELD = VALUE             equal; != is the opposite",
      "  FIELD < VALUE             less; also <= > >=; numbers, times and texts",
      "  FIELD ~ VALUE             contains the text; !~ is the opposite",
      "  FIELD has VALUE           one of several, such as tags, is this one",
      "  FIELD in (VALUE, VALUE)   one of these; also not in",
      "  FIELD is null             there is no such value; also is not null",
      "",
      "Fields:",
      "  id name project notes experiment dataset method subject cl_info seed",
      "  status reason source exit_code attempts missing dropped drift",
      "  created started finished (2d: two days ago; or 2026-11-23T14:30)",
      "  took (1h30m)",
      "  config.NAME   metric.NAME   metric.NAME.min   summary.NAME",
      "  tag host user command commit",
      "  error.type error.message artifact.type artifact.path",
      "  job.state job.name job.nodes job.partition job.account",
      "  slurm_job slurm_array_task",
      "",
      "After metric.NAME. comes last (the default), min, max, best, count, nan_count, last_step, min_step or max_step.",
      "Quote names and values with spaces, brackets, commas or operators in them: config.\"a b\" = 'x, y'.",
      "--order and --columns take the same fields."
    },
    footer = {
      "",
      "Examples:",
      "  runledger list --filter \"status = failed and config.lr < 0.01 and started > 2d\"",
      "  runledger best val/loss --filter 'tag has grid and not config.model ~ resnet'",
      "  runledger list --order -took --columns id,method,took,metric.val/loss.min"
    })
final class FilterHelp implements Callable<Integer> {

  static final String WORD = "filter";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return ExitCodes.OK;
  }
}
