package io.runledger.service.deadletters;

import io.runledger.files.PrivateFiles;
import io.runledger.fold.projection.OperatorMail;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
final class RequestFiles implements OperatorMail {

  private static final Logger LOG = LoggerFactory.getLogger(RequestFiles.class);
  private static final Pattern NAME = Pattern.compile("(retry|dismiss)-([1-9][0-9]{0,17})");
  private static final String ANSWER = "answer-";
  private static final String DONE = "done ";
  private static final String NOT_DONE = "not done ";

  private final Path directory;
  private final Set<Path> told = new HashSet<>();

  RequestFiles(Path directory) {
    this.directory = directory;
  }

  @Override
  public List<Request> waiting() {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    List<Request> waiting = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        read(file).ifPresent(waiting::add);
      }
    } catch (IOException e) {
      LOG.warn("The requests in {} cannot be read: {}.", directory, e.toString());
    }
    waiting.sort(Comparator.comparingLong(Request::letter));
    return waiting;
  }

  private Optional<Request> read(Path file) throws IOException {
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
    long letter = Long.parseLong(name.group(2));
    return Optional.of(
        name.group(1).equals("retry")
            ? new Request(letter, Optional.empty())
            : new Request(
                letter, Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))));
  }

  @Override
  public void answer(Request request, Answer answer) {
    try {
      place(ANSWER + name(request), (answer.done() ? DONE : NOT_DONE) + answer.sentence());
      Files.deleteIfExists(directory.resolve(name(request)));
    } catch (IOException e) {
      LOG.warn("The request {} cannot be answered: {}.", name(request), e.toString());
    }
  }

  @Override
  public void leave(List<Request> requests) {
    try {
      Files.createDirectories(directory, PrivateFiles.DIRECTORY);
      for (Request request : requests) {
        Files.deleteIfExists(directory.resolve(ANSWER + name(request)));
        place(name(request), request.dismissal().orElse(""));
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  @Override
  public Optional<Answer> take(Request request) {
    Path answer = directory.resolve(ANSWER + name(request));
    try {
      if (!Files.exists(answer)) {
        return Optional.empty();
      }
      String text = Files.readString(answer);
      Files.deleteIfExists(answer);
      boolean done = text.startsWith(DONE);
      return Optional.of(
          new Answer(done, text.substring(done ? DONE.length() : NOT_DONE.length())));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  @Override
  public void withdraw(Request request) {
    try {
      Files.deleteIfExists(directory.resolve(name(request)));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private ProjectionUnavailableException unusable(IOException e) {
    return new ProjectionUnavailableException(
        "The requests in %s cannot be passed to the service: %s.".formatted(directory, e), e);
  }

  private static String name(Request request) {
    return (request.dismissal().isPresent() ? "dismiss-" : "retry-") + request.letter();
  }

  /** Under its name only when it is whole. */
  private void place(String name, String content) throws IOException {
    Path fresh = directory.resolve("." + name + ".new");
    Files.writeString(fresh, content);
    Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() {}
}
