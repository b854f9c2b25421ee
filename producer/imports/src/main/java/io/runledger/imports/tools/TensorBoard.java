package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.SourceRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Event files of TensorBoard: a directory is a run. A file that repeats a step of the one before is
 * a restart, hence another attempt that supersedes the steps from there on; any other file goes on.
 * A directory with hyperparameters in a directory with a run belongs to that, if it is the only
 * one.
 */
final class TensorBoard implements Importer {

  static final String WORD = "tensorboard";

  private static final String MARK = "tfevents";
  private static final Pattern BEGUN = Pattern.compile(".*tfevents\\.([0-9]{9,10})\\..*");

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return SourceTree.anyFile(path, TensorBoard::isOne).map(SourceTree::nameOf);
  }

  private static boolean isOne(Path file) {
    return SourceTree.nameOf(file).contains(MARK);
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    Map<Path, List<Path>> directories = new TreeMap<>();
    for (Path file : SourceTree.files(path, TensorBoard::isOne, into.losses())) {
      directories.computeIfAbsent(file.getParent(), any -> new ArrayList<>()).add(file);
    }
    Set<Path> taken = new HashSet<>();
    Map<Path, List<Path>> sessions = sessions(directories, taken, into);
    sessions.values().forEach(taken::addAll);
    for (Map.Entry<Path, List<Path>> each : directories.entrySet()) {
      Path directory = each.getKey();
      if (!taken.contains(directory)) {
        List<Path> more = new ArrayList<>();
        for (Path session : sessions.getOrDefault(directory, List.of())) {
          more.addAll(directories.get(session));
        }
        Path root = Files.isDirectory(path) ? path : directory;
        readRun(RunPlace.of(root, directory), each.getValue(), more, into);
      }
    }
  }

  /**
   * The directories with hyperparameters of the run in the directory above. Where damage leaves it
   * open whether a directory is one, it is left out: taken for a run, it would stay one when it is
   * imported again from a sound copy.
   *
   * @param leftOut receives directories that are not imported
   */
  private static Map<Path, List<Path>> sessions(
      Map<Path, List<Path>> directories, Set<Path> leftOut, Import into) throws IOException {
    Map<Path, List<Path>> sessions = new HashMap<>();
    Set<Path> doubtful = new HashSet<>();
    for (Map.Entry<Path, List<Path>> each : directories.entrySet()) {
      Path above = each.getKey().getParent();
      if (above == null || !directories.containsKey(above)) {
        continue;
      }
      EventFile.Beginning beginning = EventFile.beginning(each.getValue().get(0));
      if (beginning.hasSession()) {
        sessions.computeIfAbsent(above, any -> new ArrayList<>()).add(each.getKey());
      } else if (beginning.isDamaged()) {
        doubtful.add(each.getKey());
      } else if (!beginning.hasValues()) {
        leftOut.add(each.getKey());
      }
    }
    // Several of them are trials, each of which is a run.
    sessions.values().removeIf(those -> those.size() > 1);
    for (Path directory : Set.copyOf(doubtful)) {
      doubtful.addAll(sessions.getOrDefault(directory.getParent(), List.of()));
      sessions.remove(directory.getParent());
    }
    for (Path directory : doubtful) {
      into.losses()
          .add(
              directory,
              "all of it",
              "damage hides whether it has the hyperparameters of the run above; left out");
    }
    leftOut.addAll(doubtful);
    return sessions;
  }

  private static void readRun(RunPlace place, List<Path> files, List<Path> more, Import into)
      throws IOException {
    String first = SourceTree.nameOf(files.get(0));
    EventFile.Beginning beginning = EventFile.beginning(files.get(0));
    Optional<Instant> written = EventFile.begun(files.get(0), beginning, begun(first));
    if (written.isEmpty()) {
      if (Files.size(files.get(0)) > 0) {
        into.losses()
            .add(files.get(0), "all of it", "nothing says which run it is of; it is left out");
      }
      return;
    }
    // Writers without a process in the name give the same one to files of the same second.
    String identity = first + "\n" + written.get();
    SourceRun run = place.run(WORD, into, identity, begun(first));
    RunWriter writer = into.begin(run);
    Map<String, Long> highest = new HashMap<>();
    writer.start(
        beginning.at().or(() -> begun(first)).orElse(Instant.EPOCH),
        JsonNodeFactory.instance.objectNode());
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      if (i > 0) {
        OptionalLong restart = restart(beginning, highest);
        if (restart.isPresent()) {
          into.end(writer);
          Instant at = beginning.at().orElse(Instant.EPOCH);
          writer = into.begin(run.resumed(SourceTree.nameOf(file), at));
          ObjectNode said = JsonNodeFactory.instance.objectNode();
          writer.start(at, said.put("resumed_from_step", restart.getAsLong()));
          highest.clear();
        }
      }
      Optional<EventFile.Beginning> next =
          i + 1 < files.size()
              ? Optional.of(EventFile.beginning(files.get(i + 1)))
              : Optional.empty();
      Optional<Instant> until = next.flatMap(EventFile.Beginning::at);
      new EventFile(file, SourceTree.nameOf(file), writer, into).read(highest, until);
      beginning = next.orElse(beginning);
    }
    for (Path file : more) {
      String name = SourceTree.nameOf(file.getParent()) + "/" + SourceTree.nameOf(file);
      new EventFile(file, name, writer, into).read(new HashMap<>(), Optional.empty());
    }
    into.end(writer);
  }

  /**
   * The step from which a file repeats what those before have; empty when it goes on. Only its
   * first value decides, and what the others had by then: so this does not change when files grow.
   */
  private static OptionalLong restart(EventFile.Beginning file, Map<String, Long> highest) {
    if (file.tag().isEmpty()) {
      return OptionalLong.empty();
    }
    Long before = highest.get(file.tag().get());
    return before != null && before >= file.step()
        ? OptionalLong.of(file.step())
        : OptionalLong.empty();
  }

  private static Optional<Instant> begun(String file) {
    Matcher begun = BEGUN.matcher(file);
    return begun.matches()
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(begun.group(1))))
        : Optional.empty();
  }
}
