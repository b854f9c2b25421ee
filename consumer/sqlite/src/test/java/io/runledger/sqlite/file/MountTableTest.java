package io.runledger.sqlite.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.fold.projection.ProjectionUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database is refused where SQLite's WAL breaks, and nowhere else. */
class MountTableTest {

  @TempDir private Path directory;
  private Path real;

  @BeforeEach
  void followLinks() throws IOException {
    real = directory.toRealPath();
  }

  private static String line(String point, String type) {
    return "36 35 98:0 /mnt1 %s rw,noatime master:1 - %s server:/export rw,errors=continue"
        .formatted(point, type);
  }

  private Path mounts(String... lines) throws IOException {
    return Files.write(directory.resolve("mountinfo"), List.of(lines));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "lustre",
        "gpfs",
        "beegfs",
        "ceph",
        "fuse.sshfs",
        "afs",
        "9p"
      })
  void aNetworkFileSystemIsRefusedWithItsTypeItsMountPointAndWhatToDo(String type)
      throws IOException {
    Path database = real.resolve("runledger.db");
    Path mounts = mounts(line("/", "ext4"), line(real.toString(), type));

    assertThatThrownBy(() -> Database.prepareDirectory(database, mounts))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining(database.toString())
        .hasMessageContaining("(" + type + ", mounted at " + real + ")")
        .hasMessageContaining("put the database on a local disk");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "fuseblk"})
  void aLocalFileSystemIsTaken(String type) throws IOException {
    Path mounts = mounts(line("/", "nfs4"), line(real.toString(), type));

    Database.prepareDirectory(real.resolve("runledger.db"), mounts);
  }

  @Test
  void theMountPointNearestAboveThePathDecides() throws IOException {
    MountTable table =
        MountTable.read(
            mounts(
                line("/home/ann/local", "xfs"),
                line("/", "ext4"),
                line("/home", "nfs4"),
                line("/home/an", "cifs")));

    assertThat(table.holding(Path.of("/home/ann/local/a")))
        .map(MountTable.Mount::type)
        .hasValue("xfs");
    assertThat(table.holding(Path.of("/home/ann"))).map(MountTable.Mount::type).hasValue("nfs4");
    assertThat(table.holding(Path.of("/homes"))).map(MountTable.Mount::type).hasValue("ext4");
  }

  @Test
  void ofTwoAtOnePlaceTheLaterHidesTheEarlier() throws IOException {
    MountTable table = MountTable.read(mounts(line("/data", "autofs"), line("/data", "nfs")));

    assertThat(table.holding(Path.of("/data/ledger"))).map(MountTable.Mount::type).hasValue("nfs");
  }

  @Test
  void escapesInAMountPointAreDecoded() throws IOException {
    MountTable table =
        MountTable.read(mounts(line("/", "ext4"), line("/my\\040data\\011a\\134b", "nfs4")));

    assertThat(table.holding(Path.of("/my data\ta\\b/ledger")))
        .hasValue(new MountTable.Mount(Path.of("/my data\ta\\b"), "nfs4"));
  }

  @Test
  void aLinkToANetworkFileSystemIsFollowed() throws IOException {
    Path export = Files.createDirectory(real.resolve("export"));
    Path link = Files.createSymbolicLink(real.resolve("ledger"), export);
    Path mounts = mounts(line("/", "ext4"), line(export.toString(), "nfs4"));

    assertThatThrownBy(() -> Database.prepareDirectory(link.resolve("runledger.db"), mounts))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("mounted at " + export);
  }

  @Test
  void linesOfAnotherFormAreLeftOut() throws IOException {
    MountTable table =
        MountTable.read(
            mounts(
                "", "nonsense", "1 2 3:4 / none - nfs", "36 35 98:0 / /a rw - ext4 /dev/sda rw"));

    assertThat(table.mounts()).containsExactly(new MountTable.Mount(Path.of("/a"), "ext4"));
  }

  @Test
  void withoutSuchAFileNothingIsRefused() {
    Database.prepareDirectory(real.resolve("runledger.db"), real.resolve("absent"));
  }
}
