package io.runledger.fold.projection;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a projection is: what users name with {@code --db}. Its text form is what they wrote. Safe
 * for use by several threads.
 */
public interface ProjectionLocation {

  /** Identifies this location among all others of the machine, however users write it. */
  String identity();

  /**
   * A file of this machine that belongs to the location, whether or not it exists.
   *
   * @param suffix ends its name, such as {@code .requests}
   */
  Path companion(String suffix);

  /** Whether there is a projection. */
  boolean exists();

  /**
   * Opens the projection for writing, alone; creates it when it is not there.
   *
   * @throws ProjectionInUseException when another process writes it
   * @throws ProjectionDamagedException when it is damaged
   */
  Projection open();

  /** Whether several may write the projection at the same time, by {@link #join}. */
  default boolean severalMayWrite() {
    return false;
  }

  /**
   * Identifies the projection among all there are, from whichever machine and by whichever address
   * it is reached, through a rebuild as well; it must exist. Empty where the store does not say.
   *
   * @throws ProjectionUnavailableException when it cannot be asked now
   */
  default Optional<String> fingerprint() {
    return Optional.empty();
  }

  /**
   * Opens the projection for writing as one of several that each advance positions of their own;
   * alone where only one may write. Creates it when it is not there.
   *
   * @throws ProjectionInUseException when another process writes it alone
   * @throws ProjectionDamagedException when it is damaged
   */
  default Projection join() {
    return open();
  }

  /**
   * Opens what operators leave for those who write the projection, where the store keeps it; empty
   * where it is in files next to the projection.
   *
   * @throws ProjectionUnavailableException when it cannot be opened now
   */
  default Optional<OperatorMail> mail() {
    return Optional.empty();
  }

  /**
   * Opens the projection for reading, alongside its writer.
   *
   * @throws io.runledger.config.NotFoundException when there is none
   * @throws ProjectionUnreadableException when it cannot be opened
   */
  ProjectionReader read();

  /**
   * Begins another projection that replaces this one as a whole, or not at all.
   *
   * @throws ReplacementRunningException when another one is running already
   */
  Replacement replace();

  /**
   * Copies the projection as it is at one moment, and makes room for another one next to the copy.
   *
   * @throws io.runledger.config.NotFoundException when there is none
   */
  Counterpart counterpart();

  /** What is wrong with the projection, after reading all of it; empty when it is sound. */
  Optional<Damage> damage();

  /** What is wrong with a projection. */
  interface Damage {

    /** In the words of what found it. */
    String what();

    /**
     * Gives what is damaged a second name that no rebuild deletes. Call it before another
     * projection takes its place.
     *
     * @param at when, for the name
     * @return the name
     */
    String keep(Instant at);
  }

  /**
   * Copies the projection as it is at one moment, rows and positions together, while its service
   * continues to write. The copy appears under its name as a whole or not at all.
   *
   * @param target where the copy goes; its directory must be there
   * @param replace whether a file that is there already may be replaced
   * @throws BackupException when there is no copy, with the reason
   */
  Backup backUp(Path target, boolean replace);

  /**
   * What was copied.
   *
   * @param file the copy
   * @param bytes its length
   * @param runs runs in it
   * @param events events that were folded into it
   * @param restore the command that puts it in the projection's place
   */
  record Backup(Path file, long bytes, long runs, long events, String restore) {}
}
