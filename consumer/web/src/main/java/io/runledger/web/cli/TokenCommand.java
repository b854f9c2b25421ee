package io.runledger.web.cli;

import io.runledger.config.Configuration;
import io.runledger.config.ExitCodes;
import io.runledger.config.NotFoundException;
import io.runledger.config.Printable;
import io.runledger.config.Setting;
import io.runledger.options.ConfigFile;
import io.runledger.options.DatabaseOptions;
import io.runledger.web.security.Role;
import io.runledger.web.security.Tokens;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runledger token}: who may ask a page that is served to others. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisSubcommandLabel = "create|list|revoke",
    description = {
      "Create, list and revoke the tokens that 'runledger serve' demands on any address but loopback.",
      "They are kept next to the database, in a file that only its owner can read, as hashes: a token is"
          + " shown once, when it is created."
    },
    footer = {
      "",
      "Examples:",
      "  runledger token create ada --role editor",
      "  runledger token revoke 1f0c66ab"
    })
public final class TokenCommand implements Runnable {

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private ConfigFile file = new ConfigFile();

  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public TokenCommand() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing what to do: create, list or revoke.");
  }

  private Tokens tokens() {
    Configuration settings = file.load(database);
    return Tokens.of(settings.database(), settings.path(Setting.DATA_DIR));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = {"Create a token, and print it.", "Stdout has the token alone."})
  int create(
      @Parameters(paramLabel = "NAME", description = "Whose it is, or what for.") String name,
      @Option(
              names = "--role",
              paramLabel = "reader|editor",
              defaultValue = "reader",
              description =
                  "What its bearer may do: read, or change tags and notes and hide runs as well."
                      + " Default: reader.")
          String role)
      throws IOException {
    Role asked =
        Role.ofWord(role)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "--role is %s, not '%s'."
                            .formatted(
                                Arrays.stream(Role.values())
                                    .map(Role::word)
                                    .collect(Collectors.joining(" or ")),
                                role)));
    Tokens tokens = tokens();
    out().println(tokens.create(name, asked));
    out().flush();
    spec.commandLine()
        .getErr()
        .println("Keep it: it is not shown again. Its hash is in " + tokens.file() + ".");
    spec.commandLine().getErr().flush();
    return ExitCodes.OK;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List the tokens that are in force: id, role, time of creation, name.")
  int list() throws IOException {
    for (Tokens.Entry entry : tokens().list()) {
      out()
          .printf(
              "%s  %-6s  %s  %s%n",
              entry.id(), entry.role().word(), entry.created(), Printable.name(entry.name()));
    }
    out().flush();
    return ExitCodes.OK;
  }

  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "End a token. Servers refuse it from the next request on.")
  int revoke(
      @Parameters(paramLabel = "ID", description = "Its id, as 'runledger token list' shows it.")
          String id)
      throws IOException {
    if (!tokens().revoke(id)) {
      throw new NotFoundException(
          "There is no token '%s'; give the id that 'runledger token list' shows first in its line."
              .formatted(Printable.word(id)));
    }
    out().println("The token " + id + " is revoked.");
    out().flush();
    return ExitCodes.OK;
  }
}
