package io.runledger.service.deadletters;

import io.runledger.files.PrivateFiles;
import io.runledger.fold.projection.ProjectionLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory next to a database in which operators leave requests for the service that writes
 * it: a file {@code retry-17}, or {@code dismiss-17} with the reason in it. The answer comes as
 * {@code answer-retry-17}. Who may write the directory may write the database as well.
 */
final class OperatorRequests {

  private static final Logger LOG = LoggerFactory.getLogger(OperatorRequests.class);
  private static final Pattern NAME = Pattern.compile("(retry|dismiss)-([1-9][0-9]{0,17})");
  private static final String ANSWER = "answer-";

  private final Path directory;
  private final Set<Path> told = new HashSet<>();

  OperatorRequests(ProjectionLocation database) {
    this.directory = database.companion(".requests");
  }

  /** A request and the file it came in. */
  record Waiting(Path file, DeadLetterRequest request) {}

  /** The requests that wait, in the order of their letters' numbers. */
  List<Waiting> waiting() {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    List<Waiting> waiting = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        read(file).ifPresent(request -> waiting.add(new Waiting(file, request)));
      }
    } catch (IOException e) {
      LOG.warn("The requests in {} cannot be read: {}.", directory, e.toString());
    }
    waiting.sort(Comparator.comparingLong(one -> one.request().id()));
    return waiting;
  }

  private Optional<DeadLetterRequest> read(Path file) throws IOException {
    Matcher name = NAME.matcher(file.getFileName().toString());
    if (!name.matches()
        || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || Files.size(file) > DeadLetterRequest.LONGEST_REASON) {
      boolean ours = file.getFileName().toString().startsWith(ANSWER);
      if (!ours && !file.getFileName().toString().startsWith(".") && told.add(file)) {
        LOG.warn("{} is not a request; leaving it alone.", file);
      }
      return Optional.empty();
    }
    long id = Long.parseLong(name.group(2));
    return Optional.of(
        name.group(1).equals("retry")
            ? new DeadLetterRequest.Retry(id)
            : new DeadLetterRequest.Dismiss(
                id, new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
  }

  /** Answers a request, which waits no longer. */
  void done(Waiting waiting, DeadLetters.Outcome outcome) {
    try {
      place(
          ANSWER + waiting.file().getFileName(),
          (outcome.done() ? "done " : "not done ") + outcome.sentence());
      Files.deleteIfExists(waiting.file());
    } catch (IOException e) {
      LOG.warn("The request {} cannot be answered: {}.", waiting.file(), e.toString());
    }
  }

  /**
   * Leaves requests, all at once, and waits for their answers: the service looks once a second.
   *
   * @return an answer for each, in their order; empty where there was none in time, and such a
   *     request is taken back
   */
  List<Optional<DeadLetters.Outcome>> ask(List<DeadLetterRequest> requests, Duration atMost)
      throws IOException, InterruptedException {
    Files.createDirectories(directory, PrivateFiles.DIRECTORY);
    for (DeadLetterRequest request : requests) {
      Files.deleteIfExists(directory.resolve(ANSWER + name(request)));
      place(name(request), request instanceof DeadLetterRequest.Dismiss why ? why.reason() : "");
    }
    long end = System.nanoTime() + atMost.toNanos();
    List<Optional<DeadLetters.Outcome>> answers = new ArrayList<>();
    for (DeadLetterRequest request : requests) {
      answers.add(answer(name(request), end));
    }
    return answers;
  }

  private static String name(DeadLetterRequest request) {
    return (request instanceof DeadLetterRequest.Dismiss ? "dismiss-" : "retry-") + request.id();
  }

  private Optional<DeadLetters.Outcome> answer(String name, long end)
      throws IOException, InterruptedException {
    Path answer = directory.resolve(ANSWER + name);
    while (!Files.exists(answer)) {
      if (System.nanoTime() - end >= 0) {
        Files.deleteIfExists(directory.resolve(name));
        return Optional.empty();
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    String text = Files.readString(answer);
    Files.deleteIfExists(answer);
    boolean done = text.startsWith("done ");
    return Optional.of(
        new DeadLetters.Outcome(done, text.substring(done ? 5 : "not done ".length())));
  }

  /** Under its name only when it is whole. */
  private void place(String name, String content) throws IOException {
    Path fresh = directory.resolve("." + name + ".new");
    Files.writeString(fresh, content);
    Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }
}
