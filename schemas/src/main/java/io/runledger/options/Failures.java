package io.runledger.options;

import io.runledger.config.ExitCoded;
import io.runledger.config.ExitCodes;
import io.runledger.files.FullDisk;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Turns what a verb throws into one sentence on stderr and an exit code; a stack trace on demand.
 */
public final class Failures implements IExecutionExceptionHandler {

  private final boolean debug;

  /** With {@code debug} a failure also prints its stack trace. */
  public Failures(boolean debug) {
    this.debug = debug;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine commandLine, ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    err.println("runledger: " + sentence(failure, commandLine.getCommandName()));
    if (debug) {
      failure.printStackTrace(err);
    }
    err.flush();
    return withoutWrapping(failure) instanceof ExitCoded coded
        ? coded.exitCode()
        : ExitCodes.FAILED;
  }

  /** What stderr says of a failure, without the program's name before it. */
  public static String sentence(Throwable thrown, String verb) {
    String sentence = withoutRemedy(thrown, verb);
    return FullDisk.isCauseOf(thrown) && !sentence.contains(FullDisk.REMEDY)
        ? sentence + " " + FullDisk.REMEDY
        : sentence;
  }

  private static String withoutRemedy(Throwable thrown, String verb) {
    Throwable failure = withoutWrapping(thrown);
    String message = failure.getMessage() == null ? "" : failure.getMessage().strip();
    if (failure instanceof FileSystemException aboutAFile) {
      return aboutFile(aboutAFile);
    }
    if (isWrittenForPeople(failure) && !message.isEmpty()) {
      return message;
    }
    String told = message.isEmpty() ? "" : ": " + message.lines().findFirst().orElse("");
    return "'%s' failed with %s%s. Run it again with --debug for the stack trace."
        .formatted(verb, failure.getClass().getSimpleName(), told);
  }

  /**
   * Our own exceptions, and the standard ones that our code throws with a sentence. A message of a
   * library's exception seldom names the file or address, so its type is added.
   */
  private static boolean isWrittenForPeople(Throwable failure) {
    boolean ours = failure.getClass().getName().startsWith("io.runledger.");
    boolean thrownByUs =
        failure.getStackTrace().length > 0
            && failure.getStackTrace()[0].getClassName().startsWith("io.runledger.");
    return ours || thrownByUs;
  }

  private static Throwable withoutWrapping(Throwable thrown) {
    Throwable failure = thrown;
    while (failure.getCause() != null && failure.getCause() != failure && isWrapping(failure)) {
      failure = failure.getCause();
    }
    return failure;
  }

  /** Such an exception has no message of its own: it repeats its cause's. */
  private static boolean isWrapping(Throwable failure) {
    String message = failure.getMessage();
    return failure instanceof ExecutionException
        || message == null
        || message.equals(failure.getCause().toString());
  }

  private static String aboutFile(FileSystemException failure) {
    String file = failure.getFile();
    if (failure instanceof NoSuchFileException) {
      return "There is no file " + file + ". Check the path.";
    }
    if (failure instanceof AccessDeniedException) {
      return "No permission for " + file + ". Check who owns it.";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "The file " + file + " already exists; choose another path, or move it away.";
    }
    String reason =
        failure.getReason() == null ? failure.getClass().getSimpleName() : failure.getReason();
    return "The file " + file + " cannot be used: " + reason + ".";
  }
}
