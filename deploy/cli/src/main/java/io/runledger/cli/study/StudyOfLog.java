package io.runledger.cli.study;

import io.runledger.query.export.StudyFile;
import io.runledger.service.study.StudyExport;
import java.io.IOException;

/** Reads the log of a database for {@code runledger export --events}. */
public final class StudyOfLog implements StudyFile {

  /** For the service loader. */
  public StudyOfLog() {}

  @Override
  public Written write(Request request, Progress progress)
      throws IOException, InterruptedException {
    StudyExport.Report report =
        StudyExport.run(
            request.configuration(),
            request.spool(),
            request.runs(),
            request.file(),
            request.acceptGap(),
            progress::at);
    return new Written(
        report.runs(),
        report.events(),
        report.deadLetters(),
        report.bytes(),
        report.sha256(),
        report.gaps());
  }
}
