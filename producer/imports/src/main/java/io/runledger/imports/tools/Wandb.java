package io.runledger.imports.tools;

import com.google.protobuf.CodedInputStream;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.WandbLog;
import io.runledger.imports.files.WandbRecord;
import io.runledger.imports.files.WandbRecord.Sort;
import io.runledger.imports.lines.Import;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Offline runs of W&amp;B: {@code offline-run-*}/{@code run-ID.wandb}, and those of other runs. */
final class Wandb implements Importer {

  static final String WORD = "wandb";

  private static final String ENDING = ".wandb";

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return SourceTree.anyFile(path, Wandb::isOne).map(SourceTree::nameOf);
  }

  private static boolean isOne(Path file) {
    return SourceTree.nameOf(file).endsWith(ENDING);
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    for (Path file : SourceTree.files(path, Wandb::isOne, into.losses())) {
      readRun(file, into);
    }
  }

  private static void readRun(Path file, Import into) throws IOException {
    Optional<WandbRun> run = Optional.empty();
    try (WandbLog log = WandbLog.open(file, into.losses(), into::read)) {
      Optional<CodedInputStream> next = log.next();
      for (long number = 1; next.isPresent(); number++) {
        Optional<WandbRecord> record = record(next.get());
        if (record.isEmpty()) {
          into.losses().add(file, "record " + number, "it is not a record of W&B and is left out");
        } else if (run.isPresent()) {
          run.get().take(record.get());
        } else if (record.get().sort() == Sort.RUN) {
          run = Optional.of(WandbRun.begin(file, record.get(), into));
        } else if (record.get().sort() != Sort.OTHER) {
          into.losses()
              .add(file, "record " + number, "the run that it belongs to is not named before it");
        }
        next = log.next();
      }
    }
    if (run.isPresent()) {
      run.get().end();
    } else {
      into.losses()
          .add(file, "all of it", "the record that names the run is missing; it is left out");
    }
  }

  private static Optional<WandbRecord> record(CodedInputStream in) {
    try {
      return Optional.of(WandbRecord.of(in));
    } catch (IOException notOne) {
      return Optional.empty();
    }
  }
}
