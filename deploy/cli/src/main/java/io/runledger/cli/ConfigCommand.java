package io.runledger.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.runledger.config.Configuration;
import io.runledger.config.ExitCodes;
import io.runledger.options.ConfigFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code runledger config show}: the settings in force, secrets masked. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "show",
    description = "Show the settings in force and where each comes from.",
    footer = {"", "Example:", "  RUNLEDGER_DB=/data/lab.db runledger config show"})
final class ConfigCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Missing subcommand. Try 'runledger config show'.");
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = {
        "Print each setting with its value and its origin, one per line, columns separated by tabs.",
        "Secrets are masked. In order of precedence: flags, the environment, the file named by --config"
            + " or RUNLEDGER_CONFIG, ~/.config/runledger/runledger.properties, the default."
      })
  int show(
      @Mixin ConfigFile config,
      @Option(names = "--json", description = "Print a JSON array instead.") boolean json)
      throws IOException {
    List<Configuration.Value> values = config.load().values();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(asJson(values));
    } else {
      values.forEach(
          value -> out.println(value.name() + "\t" + value.value() + "\t" + value.origin()));
    }
    out.flush();
    return ExitCodes.OK;
  }

  private static String asJson(List<Configuration.Value> values) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JsonMapper.builder().build().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartArray();
      for (Configuration.Value value : values) {
        json.writeStartObject();
        json.writeStringField("name", value.name());
        json.writeStringField("value", value.value());
        json.writeStringField("origin", value.origin());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return text.toString();
  }
}
