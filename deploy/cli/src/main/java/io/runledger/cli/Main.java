package io.runledger.cli;

import io.runledger.agent.cli.ExecLine;
import io.runledger.config.ExitCodes;
import io.runledger.options.Failures;
import io.runledger.query.cli.ClassArchiveWarmup;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Entry point of {@code bin/runledger}.
 *
 * <p>Only the verb that was asked for is loaded: a read verb lives for a fraction of a second and
 * must not pay for the classes of Kafka.
 */
public final class Main {

  /** Set by the launcher in the run whose classes it keeps. */
  private static final String ARCHIVING = "runledger.archiving";

  private static final String DEBUG_FLAG = "--debug";

  private Main() {}

  /** Runs one verb and ends the process with its exit code. */
  public static void main(String[] arguments) {
    boolean debug =
        System.getenv("RUNLEDGER_DEBUG") != null || flagsOf(arguments).contains(DEBUG_FLAG);
    List<String> words =
        asked(Arrays.stream(arguments).filter(word -> !word.equals(DEBUG_FLAG)).toList());
    int code = isExec(words) ? exec(words, debug) : run(words, debug);
    System.out.flush();
    System.exit(code);
  }

  /**
   * {@code help} and {@code help VERB}, as in many programs, mapped to {@code --help}. Anything
   * that is not a verb is passed alone: with {@code --help} after it, it would be taken for one.
   */
  static List<String> asked(List<String> words) {
    if (words.isEmpty() || words.get(0).startsWith("-")) {
      return words;
    }
    if (words.get(0).equals("help")) {
      List<String> about = words.subList(1, words.size());
      return about.isEmpty() || verb(about).isPresent() || about.get(0).equals(FilterHelp.WORD)
          ? Stream.concat(about.stream(), Stream.of("--help")).toList()
          : about.subList(0, 1);
    }
    return verb(words).isPresent() ? words : words.subList(0, 1);
  }

  private static boolean isExec(List<String> words) {
    return !words.isEmpty() && words.get(0).equals("exec");
  }

  /** A command waits for this verb, so it avoids picocli where it can. */
  private static int exec(List<String> words, boolean debug) {
    Optional<ExecLine> line = ExecLine.read(words.subList(1, words.size()));
    if (line.isEmpty()) {
      return run(words, debug);
    }
    try {
      return line.get().run();
    } catch (LinkageError e) {
      // With hardly any descriptors left no class can be loaded, not even one for a better message.
      System.err.println("runledger: A part of this program cannot be loaded: " + e + ".");
      return ExitCodes.FAILED;
    } catch (RuntimeException e) {
      return failed(e, debug);
    }
  }

  private static int failed(Throwable cause, boolean debug) {
    System.err.println("runledger: " + Failures.sentence(cause, "runledger"));
    if (debug) {
      cause.printStackTrace();
    }
    return ExitCodes.FAILED;
  }

  private static int run(List<String> words, boolean debug) {
    Optional<Preload> preload = Preload.of(verb(words), words);
    try {
      CommandLine line = commandLine(words, debug);
      Stdout stdout = Stdout.ofThisProcess();
      PrintWriter out = stdout.writer();
      line.setOut(out);
      int code = line.execute(words.toArray(String[]::new));
      out.flush();
      Optional<IOException> trouble = stdout.trouble();
      if (trouble.isPresent()) {
        System.err.println(
            "runledger: The output is incomplete: cannot write to stdout ("
                + trouble.get().getMessage()
                + ").");
        return code == ExitCodes.OK ? ExitCodes.FAILED : code;
      }
      if (Boolean.getBoolean(ARCHIVING) && code == ExitCodes.OK) {
        warmUp(line);
      }
      return code;
    } catch (RuntimeException | LinkageError e) {
      // Outside of any verb, for example an installation that lacks a jar.
      return failed(preload.flatMap(Preload::failure).orElse(e), debug);
    }
  }

  private static Optional<Verb> verb(List<String> words) {
    return words.stream().findFirst().flatMap(Verb::named);
  }

  /** The launcher archives the classes of this run for all short-lived verbs. */
  private static void warmUp(CommandLine executed) {
    // Help that lists all verbs loads them all.
    commandLine(List.of(), false);
    if (executed.getParseResult().hasSubcommand()) {
      // A verb that fails here will report that when somebody calls it.
      var unused =
          ClassArchiveWarmup.after(
              executed.getParseResult().subcommand().commandSpec().userObject());
    }
  }

  static CommandLine commandLine(List<String> words, boolean debug) {
    CommandLine root = new CommandLine(new RootCommand());
    Optional<Verb> verb = verb(words);
    if (verb.isPresent()) {
      root.addSubcommand(verb.get().word(), verb.get().command());
    } else if (!words.isEmpty() && words.get(0).equals(FilterHelp.WORD)) {
      root.addSubcommand(new FilterHelp());
    } else {
      // Help lists all verbs, and an unknown one is compared with all of them.
      for (Verb each : Verb.values()) {
        root.addSubcommand(each.word(), each.command());
      }
    }
    if (verb.equals(Optional.of(Verb.EXEC))) {
      // The wrapped command's words belong to it, even without a -- before them.
      root.setStopAtPositional(true);
    }
    Failures failures = new Failures(debug);
    root.setExecutionExceptionHandler(failures);
    root.setParameterExceptionHandler(new UsageErrors());
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setUsageHelpAutoWidth(true);
    return root;
  }

  /** The words before {@code --}: what follows belongs to a wrapped command. */
  private static List<String> flagsOf(String[] arguments) {
    List<String> all = Arrays.asList(arguments);
    int end = all.indexOf("--");
    return end < 0 ? all : all.subList(0, end);
  }
}
