package io.runledger.imports.tools;

import io.runledger.imports.files.SourceTree;
import io.runledger.imports.lines.Import;
import io.runledger.spool.study.StudyImport;
import io.runledger.spool.study.StudyImport.Imported;
import io.runledger.spool.study.StudyManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Studies that {@code runledger export --events} wrote: events of another ledger, which keep their
 * identities. A study is imported as a whole or not at all.
 */
final class Study implements Importer {

  static final String WORD = "study";

  private static final String ENDING = ".rls";

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return SourceTree.anyFile(path, Study::isOne).map(SourceTree::nameOf);
  }

  private static boolean isOne(Path file) {
    return SourceTree.nameOf(file).endsWith(ENDING);
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    for (Path file :
        SourceTree.files(path, each -> each.equals(path) || isOne(each), into.losses())) {
      if (into.spool().isEmpty()) {
        StudyManifest manifest = StudyImport.verify(file, into::read);
        into.add(manifest.runs().size(), manifest.events(), manifest.logCalls());
      } else {
        Imported imported = StudyImport.into(into.spool().get(), file, into::read);
        StudyManifest manifest = imported.manifest();
        into.add(
            manifest.runs().size(), imported.isNew() ? manifest.events() : 0, manifest.logCalls());
      }
    }
  }
}
