package io.runledger.tests;

import io.runledger.stack.LocalStack;
import io.runledger.stack.StackOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The stack that a test runs on: broker and registry of our own, or, with the profile
 * testcontainers, a broker in a container next to our registry. Each has its own cluster.
 */
final class TestStack {

  private static final String BROKER = System.getProperty("runledger.test.broker", "local");
  private static final DockerImageName IMAGE = DockerImageName.parse("apache/kafka:4.0.0");

  private TestStack() {}

  /** The one that the tests of this JVM share; in a container, each has its own. */
  static LocalStack shared() throws IOException {
    return BROKER.equals("testcontainers")
        ? start(Files.createTempDirectory("stack-"))
        : SharedStack.get();
  }

  static LocalStack start(Path directory) {
    if (!BROKER.equals("testcontainers")) {
      return LocalStack.start(directory, StackOptions.freePorts());
    }
    boolean engineAnswers = DockerClientFactory.instance().isDockerAvailable();
    if (!engineAnswers) {
      System.out.println(
          "No container engine answers: the tests on a container's broker are skipped.");
    }
    Assumptions.assumeTrue(engineAnswers, "No container engine answers.");
    // Testcontainers ends the container with this JVM.
    KafkaContainer kafka = new KafkaContainer(IMAGE);
    kafka.start();
    return LocalStack.start(
        directory,
        StackOptions.besideBroker(kafka.getBootstrapServers().replace("PLAINTEXT://", "")));
  }
}
