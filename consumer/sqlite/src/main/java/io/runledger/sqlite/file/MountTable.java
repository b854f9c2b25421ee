package io.runledger.sqlite.file;

import io.runledger.fold.projection.ProjectionUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which file system holds a path, as Linux reports it. Immutable. */
public record MountTable(List<Mount> mounts) {

  /** What Linux calls the mounts of this process; other systems have no such file. */
  public static final Path OF_THIS_PROCESS = Path.of("/proc/self/mountinfo");

  /** WAL needs memory shared between all who open the file, which these do not give. */
  private static final Set<String> NETWORK_FILE_SYSTEMS =
      Set.of(
          "nfs",
          "nfs4",
          "cifs",
          "smb",
          "smb2",
          "smb3",
          "smbfs",
          "lustre",
          "gpfs",
          "beegfs",
          "ceph",
          "fuse.ceph",
          "fuse.ceph-fuse",
          "fuse.sshfs",
          "fuse.glusterfs",
          "glusterfs",
          "fuse.s3fs",
          "fuse.rclone",
          "fuse.gcsfuse",
          "fuse.juicefs",
          "fuse.mfs",
          "afs",
          "9p",
          "panfs",
          "pvfs2",
          "orangefs",
          "wekafs");

  /** In a mount point, blank, tab, line feed and backslash are written as three octal digits. */
  private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

  public MountTable {
    mounts = List.copyOf(mounts);
  }

  /**
   * A mounted file system.
   *
   * @param point the directory where it is mounted
   * @param type as the kernel names it, for example {@code ext4} or {@code fuse.sshfs}
   */
  record Mount(Path point, String type) {

    boolean isNetwork() {
      return NETWORK_FILE_SYSTEMS.contains(type);
    }
  }

  /**
   * Reads a file in the form of {@code /proc/self/mountinfo}; lines of another form are left out.
   */
  static MountTable read(Path file) throws IOException {
    List<Mount> mounts = new ArrayList<>();
    // Mount points are bytes; Latin-1 keeps them until the escapes are decoded.
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      mount(line).ifPresent(mounts::add);
    }
    return new MountTable(mounts);
  }

  /** The fifth field is the mount point; the type is the first after the lone hyphen. */
  private static Optional<Mount> mount(String line) {
    String[] halves = line.split(" - ", 2);
    String[] fields = halves[0].split(" ", -1);
    if (halves.length < 2 || fields.length < 5 || !fields[4].startsWith("/")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Mount(Path.of(decoded(fields[4])), halves[1].split(" ", 2)[0]));
    } catch (InvalidPathException e) {
      // A name that the locale of this process cannot write; no path of ours can lie below it.
      return Optional.empty();
    }
  }

  private static String decoded(String field) {
    String bytes =
        ESCAPE
            .matcher(field)
            .replaceAll(
                escape ->
                    Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(escape.group(1), 8))));
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /**
   * The file system that holds {@code path}: the one mounted nearest above it, and the last of
   * those mounted at the same place. Empty when the table lists none.
   *
   * @param path an absolute path without links
   */
  Optional<Mount> holding(Path path) {
    Optional<Mount> nearest = Optional.empty();
    for (Mount mount : mounts) {
      boolean nearer =
          nearest.isEmpty() || mount.point().getNameCount() >= nearest.get().point().getNameCount();
      if (path.startsWith(mount.point()) && nearer) {
        nearest = Optional.of(mount);
      }
    }
    return nearest;
  }

  /**
   * The kind of the network file system that a database is on; empty when it is on another one, or
   * this system has no table of mounts.
   */
  public static Optional<String> network(Path database) throws IOException {
    return Files.isReadable(OF_THIS_PROCESS)
        ? read(OF_THIS_PROCESS)
            .holding(database.toRealPath())
            .filter(Mount::isNetwork)
            .map(Mount::type)
        : Optional.empty();
  }

  /**
   * Refuses a database that lies on a network file system. There is no setting to allow it: SQLite
   * would lose commits without a word.
   *
   * @param database the path that users name
   * @param directory the directory that holds it, without links
   * @throws ProjectionUnavailableException when it is on a network file system
   */
  void refuseNetwork(Path database, Path directory) {
    Optional<Mount> network = holding(directory).filter(Mount::isNetwork);
    if (network.isPresent()) {
      throw new ProjectionUnavailableException(
          "%s is on a network file system (%s, mounted at %s), where SQLite's write-ahead log is not safe; put the database on a local disk, with --db or the setting db."
              .formatted(database, network.get().type(), network.get().point()));
    }
  }
}
