package io.runledger.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The man pages of the command, its verbs and their subcommands, of the options that {@code --help}
 * shows. The build writes them into the distribution. The macros are those of man(7).
 */
final class ManPages {

  private final StringBuilder page = new StringBuilder();

  private ManPages() {}

  /** Writes all pages into the directory that is the one argument. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createDirectories(Path.of(arguments[0]));
    for (Map.Entry<String, String> page : all().entrySet()) {
      Files.writeString(directory.resolve(page.getKey() + ".1"), page.getValue());
    }
  }

  /** Each page by its name, such as {@code runledger-list}. */
  static Map<String, String> all() {
    Map<String, String> pages = new LinkedHashMap<>();
    add(pages, Main.commandLine(List.of(), false), "");
    add(pages, new CommandLine(new FilterHelp()), "runledger-");
    return pages;
  }

  private static void add(Map<String, String> pages, CommandLine command, String parent) {
    String name = parent + command.getCommandName();
    pages.put(name, new ManPages().of(name, command));
    command.getSubcommands().values().stream()
        .distinct()
        .forEach(subcommand -> add(pages, subcommand, name + "-"));
  }

  private String of(String name, CommandLine command) {
    UsageMessageSpec usage = command.getCommandSpec().usageMessage();
    String description =
        Stream.of(usage.header(), usage.description())
            .flatMap(Arrays::stream)
            .map(ManPages::plain)
            .filter(line -> !line.isBlank())
            .collect(Collectors.joining("\n"));
    String first = description.split("\\.(\\s|$)", 2)[0];
    line(
        ".TH \"%s\" 1 \"\" \"Runledger\" \"Runledger\""
            .formatted(escaped(name.toUpperCase(Locale.ROOT))));
    line(".SH NAME");
    line(escaped(name) + " \\- " + escaped(first.replace('\n', ' ')));
    line(".SH SYNOPSIS");
    line(".nf");
    text(new Help(command.getCommandSpec(), Help.Ansi.OFF).synopsis(0).stripTrailing());
    line(".fi");
    line(".SH DESCRIPTION");
    description(description);
    arguments(command);
    subcommands(name, command);
    examples(usage);
    seeAlso(name, command);
    return page.toString();
  }

  /** What is indented stands as it is. */
  private void description(String description) {
    boolean indented = false;
    for (String paragraph : description.lines().toList()) {
      if (paragraph.startsWith(" ") != indented) {
        indented = !indented;
        line(indented ? ".nf" : ".fi");
      }
      if (!indented) {
        line(".PP");
      }
      text(paragraph);
    }
    if (indented) {
      line(".fi");
    }
  }

  private void arguments(CommandLine command) {
    List<PositionalParamSpec> positional =
        command.getCommandSpec().positionalParameters().stream()
            .filter(parameter -> !parameter.hidden())
            .toList();
    if (!positional.isEmpty()) {
      line(".SH ARGUMENTS");
      positional.forEach(
          parameter -> item("\\fI" + escaped(parameter.paramLabel()) + "\\fR", parameter));
    }
    Map<String, OptionSpec> options = new LinkedHashMap<>();
    command.getCommandSpec().options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> options.put(option.longestName(), option));
    line(".SH OPTIONS");
    options.values().forEach(option -> item(title(option), option));
  }

  private static String title(OptionSpec option) {
    String names =
        Arrays.stream(option.names())
            .map(name -> "\\fB" + escaped(name) + "\\fR")
            .collect(Collectors.joining(", "));
    return option.arity().max() > 0
        ? names + "=\\fI" + escaped(option.paramLabel()) + "\\fR"
        : names;
  }

  private void item(String title, ArgSpec argument) {
    line(".TP");
    line(title);
    text(
        Arrays.stream(argument.description())
            .map(ManPages::plain)
            .collect(Collectors.joining(" ")));
  }

  private void subcommands(String name, CommandLine command) {
    if (command.getSubcommands().isEmpty()) {
      return;
    }
    line(".SH COMMANDS");
    command
        .getSubcommands()
        .forEach(
            (word, subcommand) -> {
              line(".TP");
              line("\\fB%s\\fR(1)".formatted(escaped(name + "-" + word)));
              String[] description = subcommand.getCommandSpec().usageMessage().description();
              text(plain(description.length > 0 ? description[0] : ""));
            });
  }

  private void examples(UsageMessageSpec usage) {
    List<String> lines =
        Arrays.stream(usage.footer()).map(ManPages::plain).filter(line -> !line.isBlank()).toList();
    if (lines.isEmpty()) {
      return;
    }
    line(".SH EXAMPLES");
    line(".nf");
    lines.stream().filter(line -> !line.matches("Examples?:")).forEach(this::text);
    line(".fi");
  }

  private void seeAlso(String name, CommandLine command) {
    if (command.getParent() != null) {
      line(".SH SEE ALSO");
      line("\\fB%s\\fR(1)".formatted(escaped(name.substring(0, name.lastIndexOf('-')))));
    }
  }

  private void text(String words) {
    words.lines().map(ManPages::escaped).forEach(this::line);
  }

  private void line(String line) {
    page.append(line).append('\n');
  }

  /** What picocli's formatting leaves of a text. */
  private static String plain(String description) {
    return description.replace("%n", "\n").replace("%%", "%");
  }

  /** A text that troff prints as it is. */
  private static String escaped(String text) {
    String escaped =
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga");
    return escaped.startsWith(".") ? "\\&" + escaped : escaped;
  }
}
