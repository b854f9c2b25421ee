package io.runledger.stack;

import java.io.PrintStream;

/**
 * Main class of the broker's process: formats its storage where that has not been done, then
 * becomes the broker, which saves starting a second JVM. Kafka's classes are on the class path of
 * the child alone.
 */
final class BrokerMain {

  private BrokerMain() {}

  /** Takes the path of the broker's properties and the cluster id. */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    String properties = arguments[0];
    String[] format = {
      "format", "--config", properties, "--cluster-id", arguments[1], "--ignore-formatted"
    };
    Object code =
        Class.forName("kafka.tools.StorageTool")
            .getMethod("execute", String[].class, PrintStream.class)
            .invoke(null, format, System.out);
    if (!code.equals(0)) {
      System.err.println("The broker's storage could not be formatted (code " + code + ").");
      Runtime.getRuntime().halt(1);
    }
    Class.forName("kafka.Kafka")
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {properties});
  }
}
