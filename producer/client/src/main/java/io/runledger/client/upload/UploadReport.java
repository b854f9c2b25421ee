package io.runledger.client.upload;

import java.util.List;

/**
 * What became of an upload.
 *
 * @param files files of which something was sent or all was there
 * @param bytes bytes that were new to the server
 * @param refusedLines lines that go to the dead letters there
 * @param problems sentences about what did not arrive; none where all did
 */
public record UploadReport(long files, long bytes, long refusedLines, List<String> problems) {
  public UploadReport {
    problems = List.copyOf(problems);
  }
}
