package io.runledger.cli;

import io.runledger.config.ExitCodes;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code runledger version}: which build this is, and which Java runs it. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Print the version of Runledger and of the Java that runs it.")
final class VersionCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (String line : new Provider().getVersion()) {
      out.println(line);
    }
    out.flush();
    return ExitCodes.OK;
  }

  /** The version as the jar's manifest has it; "development" for classes outside a jar. */
  static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version =
          Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
              .orElse("development");
      return new String[] {
        "runledger " + version,
        "Java " + System.getProperty("java.version") + " (" + System.getProperty("java.home") + ")"
      };
    }
  }
}
