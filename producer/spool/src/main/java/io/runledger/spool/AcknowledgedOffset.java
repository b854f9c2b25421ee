package io.runledger.spool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The note next to a file of lines that says how many of its bytes the broker has acknowledged,
 * with a checksum. When it is lost or damaged the lines are sent again, which changes nothing.
 */
public final class AcknowledgedOffset {

  private static final Pattern LINE = Pattern.compile("(lines ([0-9]{1,18})) ([0-9a-f]+)\n");
  private static final int MOST_BYTES = 100;

  private final Path note;
  private long noted;

  public AcknowledgedOffset(Path note) {
    this.note = note;
  }

  /** The position that the note holds; 0 where there is no note, or it is damaged. */
  public long read() throws IOException {
    noted = 0;
    if (Files.isRegularFile(note, LinkOption.NOFOLLOW_LINKS) && Files.size(note) <= MOST_BYTES) {
      String text = new String(Files.readAllBytes(note), StandardCharsets.ISO_8859_1);
      Matcher line = LINE.matcher(text);
      if (line.matches() && Acknowledgements.checksum(line.group(1)).equals(line.group(3))) {
        noted = Long.parseLong(line.group(2));
      }
    }
    return noted;
  }

  /** Writes the position, unless the note holds it already. */
  public void write(long position) throws IOException {
    if (position != noted) {
      rewrite(position);
    }
  }

  /** Writes the position, which also sets the note's time by the file system's clock. */
  public void rewrite(long position) throws IOException {
    String line = "lines " + position;
    Acknowledgements.replace(note, line + " " + Acknowledgements.checksum(line) + "\n");
    noted = position;
  }

  public Path note() {
    return note;
  }
}
