package io.runledger.example.model;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/**
 * All that a training needs to continue as if it had never stopped. Equal files mean equal futures.
 *
 * <p>The file, big-endian:
 *
 * <pre>
 * 8 bytes  "RLDIGIT1"
 * double   learning rate        long   seed
 * int      epochs               int    batch size        int hidden units
 * UTF      SHA-256 of the data (2 bytes of length, then the text)
 * int      epochs done          long   steps done
 * double   elapsed seconds      long   state of the random generator
 * int      number of parameters, then as many doubles
 * long     CRC-32 of all bytes before
 * </pre>
 *
 * @param hyperparameters those of the training that wrote it
 * @param dataSha256 the data it learned from
 * @param epochsDone whole passes over the training images
 * @param stepsDone minibatches, and so the number of the next one (they count from 0)
 * @param elapsedSeconds time spent training, over all attempts
 * @param randomState state of {@link SeededRandom}
 * @param network the weights
 */
public record Checkpoint(
    Hyperparameters hyperparameters,
    String dataSha256,
    int epochsDone,
    long stepsDone,
    double elapsedSeconds,
    long randomState,
    Network network) {

  private static final byte[] MAGIC = {'R', 'L', 'D', 'I', 'G', 'I', 'T', '1'};

  /** Replaces the file as a whole. */
  public void write(Path file) throws IOException {
    double[] parameters = network.parameters();
    AtomicFile.replace(
        file,
        raw -> {
          CheckedOutputStream checked = new CheckedOutputStream(raw, new CRC32());
          DataOutputStream out = new DataOutputStream(checked);
          out.write(MAGIC);
          out.writeDouble(hyperparameters.learningRate());
          out.writeLong(hyperparameters.seed());
          out.writeInt(hyperparameters.epochs());
          out.writeInt(hyperparameters.batchSize());
          out.writeInt(hyperparameters.hidden());
          out.writeUTF(dataSha256);
          out.writeInt(epochsDone);
          out.writeLong(stepsDone);
          out.writeDouble(elapsedSeconds);
          out.writeLong(randomState);
          out.writeInt(parameters.length);
          for (double parameter : parameters) {
            out.writeDouble(parameter);
          }
          out.flush();
          raw.writeLong(checked.getChecksum().getValue());
        });
  }

  /**
   * The checkpoint in the file; empty when there is none.
   *
   * @throws IOException when the file cannot be read, or is not what {@link #write} wrote
   */
  public static Optional<Checkpoint> read(Path file) throws IOException {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    byte[] bytes = Files.readAllBytes(file);
    if (!isWhole(bytes)) {
      throw new IOException(
          "%s is not a complete checkpoint; delete it to start over.".formatted(file));
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      in.skipNBytes(MAGIC.length);
      return Optional.of(read(in));
    }
  }

  private static Checkpoint read(DataInputStream in) throws IOException {
    double learningRate = in.readDouble();
    long seed = in.readLong();
    Hyperparameters hyperparameters =
        new Hyperparameters(learningRate, seed, in.readInt(), in.readInt(), in.readInt());
    String dataSha256 = in.readUTF();
    int epochsDone = in.readInt();
    long stepsDone = in.readLong();
    double elapsedSeconds = in.readDouble();
    long randomState = in.readLong();
    double[] parameters = new double[in.readInt()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = in.readDouble();
    }
    return new Checkpoint(
        hyperparameters,
        dataSha256,
        epochsDone,
        stepsDone,
        elapsedSeconds,
        randomState,
        new Network(hyperparameters.hidden(), parameters));
  }

  private static boolean isWhole(byte[] bytes) {
    int body = bytes.length - Long.BYTES;
    if (body < MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      return false;
    }
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, body);
    return crc.getValue() == ByteBuffer.wrap(bytes).getLong(body);
  }
}
