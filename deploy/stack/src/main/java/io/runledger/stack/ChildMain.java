package io.runledger.stack;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * First main class of a child process: ends the process when its parent is gone, then runs the real
 * one.
 */
final class ChildMain {
  private ChildMain() {}

  /** Takes the name of the real main class, then its arguments. */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Thread watch = new Thread(ChildMain::haltWithParent, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
    Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) rest);
  }

  // The parent holds the other end of our standard input. The kernel closes it however the parent
  // dies, SIGKILL included.
  private static void haltWithParent() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      System.err.println("The pipe to the parent process broke, so this process is stopping: " + e);
    }
    Runtime.getRuntime().halt(143);
  }
}
