package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Printable;
import io.runledger.files.PrivateFiles;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.Route;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Sha256;
import io.runledger.spool.SpoolDirectory;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Files of runs and models, in one directory that no name leads out of: uploaded and downloaded in
 * a stream, and listed. Thread-safe.
 */
final class ArtifactCalls {

  /** Nobody's checkpoint is larger; it bounds what a stray client can fill the disk with. */
  private static final long MOST_BYTES = 64L << 30;

  /** Room that others on the disk, the spool above all, must keep. */
  private static final long RESERVED_BYTES = 1L << 30;

  private static final int DEEPEST = 30;

  /** Bytes of a name, as file systems count them. */
  private static final int LONGEST_PART = 255;

  /** Bytes of a whole path: what Linux takes, with some room. */
  private static final int LONGEST_PATH = 4_000;

  private static final int MOST_LISTED = 100_000;
  private static final int UPLOADS = 16;
  private static final int BUFFER = 128 << 10;

  private final Path root;
  private final Path incoming;
  private final RunCalls runs;
  private final Semaphore uploads = new Semaphore(UPLOADS);

  ArtifactCalls(Path root, Path incoming, RunCalls runs) {
    this.root = root;
    this.incoming = incoming;
    this.runs = runs;
  }

  List<Route> routes(String prefix, Function<MlflowWrites.Answering, Route.Handler> guarded) {
    String files = prefix + "mlflow-artifacts/artifacts";
    return List.of(
        new Route("GET", files, guarded.apply(call -> listed(call.parameter("path").orElse("")))),
        new Route("GET", files + "/<path>", guarded.apply(this::download)),
        new Route("PUT", files + "/<path>", guarded.apply(this::upload)),
        new Route("DELETE", files + "/<path>", guarded.apply(this::delete)),
        new Route("GET", prefix + "mlflow/artifacts/list", guarded.apply(this::listedOfRun)));
  }

  /** The file that a path names; its parts are names, and no way up or elsewhere. */
  private Path file(String path) throws MlflowException {
    Path file = root;
    String[] parts = path.split("/", -1);
    if (parts.length > DEEPEST) {
      throw invalid(path);
    }
    for (String part : parts) {
      boolean isName =
          !part.isEmpty()
              && !part.equals(".")
              && !part.equals("..")
              && bytes(part) <= LONGEST_PART
              && part.chars().noneMatch(c -> c < ' ' || c == '\\' || c == 0x7f);
      if (!isName) {
        throw invalid(path);
      }
      try {
        file = file.resolve(part);
      } catch (InvalidPathException e) {
        throw invalid(path);
      }
      if (Files.isSymbolicLink(file)) {
        throw invalid(path);
      }
    }
    if (bytes(file.toAbsolutePath().toString()) > LONGEST_PATH) {
      throw invalid(path);
    }
    return file;
  }

  private static int bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length;
  }

  private static MlflowException invalid(String path) {
    return MlflowException.invalid("Invalid path: '%s'".formatted(Printable.word(path)));
  }

  private static MlflowException missing(String path) {
    return MlflowException.missing("No such artifact: '%s'".formatted(Printable.word(path)));
  }

  private Reply upload(Call call) throws MlflowException, IOException {
    String path = call.variable("path");
    Path target = file(path);
    if (target.getNameCount() - root.getNameCount() < 2) {
      throw invalid(path);
    }
    if (Files.isDirectory(target)) {
      throw MlflowException.invalid("'%s' is a directory already.".formatted(Printable.word(path)));
    }
    if (!uploads.tryAcquire()) {
      throw new MlflowException(
          503, "TEMPORARILY_UNAVAILABLE", "Too many files are sent at this moment; try again.");
    }
    try {
      store(call, path, target, ownerOf(path));
    } finally {
      uploads.release();
    }
    return MlflowWrites.json(200, JsonNodeFactory.instance.objectNode());
  }

  private void store(Call call, String path, Path target, Optional<MlflowRun> owner)
      throws MlflowException, IOException {
    SpoolDirectory.createPrivate(incoming);
    long free = incoming.toFile().getUsableSpace() - RESERVED_BYTES;
    long most = Math.min(MOST_BYTES, free);
    Optional<String> length = call.header("Content-Length");
    if (length.isPresent() && Long.parseLong(length.get()) > most) {
      throw tooLarge(most);
    }
    Path whole = Files.createTempFile(incoming, "artifact", ".part", PrivateFiles.FILE);
    try {
      MessageDigest sha256 = Sha256.begin();
      long bytes = copied(call.body(), whole, sha256, most);
      try {
        SpoolDirectory.createPrivate(target.getParent());
        Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileAlreadyExistsException | NotDirectoryException e) {
        throw MlflowException.invalid("'%s' is below a file.".formatted(Printable.word(path)));
      }
      if (owner.isPresent()) {
        String name = path.split("/", 4)[3];
        runs.uploaded(owner.get(), name, bytes, HexFormat.of().formatHex(sha256.digest()));
      }
    } finally {
      Files.deleteIfExists(whole);
    }
  }

  private static MlflowException tooLarge(long most) {
    return new MlflowException(
        413, "BAD_REQUEST", "The file may have %,d bytes here.".formatted(Math.max(0, most)));
  }

  private static long copied(InputStream body, Path file, MessageDigest sha256, long most)
      throws MlflowException, IOException {
    long bytes = 0;
    byte[] buffer = new byte[BUFFER];
    try (FileOutputStream written = new FileOutputStream(file.toFile());
        OutputStream out = new DigestOutputStream(written, sha256)) {
      for (int read = read(body, buffer); read >= 0; read = read(body, buffer)) {
        bytes += read;
        if (bytes > most) {
          throw tooLarge(most);
        }
        out.write(buffer, 0, read);
      }
      written.getFD().sync();
    }
    return bytes;
  }

  private static int read(InputStream body, byte[] buffer) throws MlflowException {
    try {
      return body.read(buffer);
    } catch (IOException e) {
      // Its sender has left, or sent nothing for too long.
      throw new MlflowException(408, "BAD_REQUEST", "The file has not come whole.");
    }
  }

  /**
   * The run whose list of artifacts has it: only what is at a run's own place is the run's. Empty
   * where it is another place, which may have files as well.
   *
   * @throws MlflowException when it is at the place of a run that there is not
   */
  private Optional<MlflowRun> ownerOf(String path) throws MlflowException {
    String[] parts = path.split("/", 4);
    if (parts.length < 4 || !parts[2].equals("artifacts")) {
      return Optional.empty();
    }
    RunId id;
    try {
      id = RunId.parse(parts[1]);
    } catch (IllegalArgumentException notARun) {
      return Optional.empty();
    }
    return Optional.of(runs.existing(id))
        .filter(run -> ProjectNumber.of(run.experiment()).equals(parts[0]));
  }

  private Reply download(Call call) throws MlflowException, IOException {
    String path = call.variable("path");
    Path file = file(path);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw missing(path);
    }
    long bytes = Files.size(file);
    // Whatever it is: no page of this address may run it.
    return new Reply(
        200,
        "application/octet-stream",
        Map.of(
            "Content-Length", Long.toString(bytes),
            "Content-Disposition", "attachment",
            "X-Content-Type-Options", "nosniff"),
        () -> Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS));
  }

  private Reply delete(Call call) throws MlflowException, IOException {
    String path = call.variable("path");
    Path file = file(path);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        || file.getNameCount() - root.getNameCount() < 2) {
      throw missing(path);
    }
    try (Stream<Path> all = Files.walk(file)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(one);
      }
    } catch (DirectoryNotEmptyException e) {
      throw new MlflowException(
          503, "TEMPORARILY_UNAVAILABLE", "Somebody adds files there; try again.");
    }
    return MlflowWrites.json(200, JsonNodeFactory.instance.objectNode());
  }

  private Reply listed(String path) throws MlflowException, IOException {
    return MlflowWrites.json(200, list(path, ""));
  }

  private Reply listedOfRun(Call call) throws MlflowException, IOException {
    RunId id = CallBody.runOf(call);
    MlflowRun run = runs.existing(id);
    String of = "%s/%s/artifacts".formatted(ProjectNumber.of(run.experiment()), run.id());
    String below = call.parameter("path").orElse("");
    ObjectNode answer =
        list(below.isEmpty() ? of : of + "/" + below, below.isEmpty() ? "" : below + "/");
    answer.put("root_uri", "mlflow-artifacts:/" + of);
    return MlflowWrites.json(200, answer);
  }

  /** The files of a directory by name; none of one that is not there. */
  private ObjectNode list(String path, String before) throws MlflowException, IOException {
    Path directory = path.isEmpty() ? root : file(path);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return answer;
    }
    ArrayNode files = JsonNodeFactory.instance.arrayNode();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path one : all.sorted().limit(MOST_LISTED).toList()) {
        boolean isDirectory = Files.isDirectory(one, LinkOption.NOFOLLOW_LINKS);
        ObjectNode file =
            files.addObject().put("path", before + one.getFileName()).put("is_dir", isDirectory);
        if (!isDirectory) {
          file.put("file_size", one.toFile().length());
        }
      }
    }
    if (!files.isEmpty()) {
      answer.set("files", files);
    }
    return answer;
  }
}
