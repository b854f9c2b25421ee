package io.runledger.client.upload;

import java.util.List;
import java.util.Optional;

/**
 * What became of an upload.
 *
 * @param files files of which something was sent or all was there
 * @param bytes bytes that were new to the server
 * @param events events of segments, and lines, that were sent
 * @param refusedLines lines that go to the dead letters there
 * @param problems sentences about what did not arrive; none where all did
 * @param trouble the first of them that is not about what its own process still has to do
 */
public record UploadReport(
    long files,
    long bytes,
    long events,
    long refusedLines,
    List<String> problems,
    Optional<String> trouble) {
  public UploadReport {
    problems = List.copyOf(problems);
  }
}
