package dev.cadenza.examples.ser;

import dev.cadenza.examples.ser.RavdessName.Channel;
import dev.cadenza.examples.ser.RavdessName.Intensity;
import dev.cadenza.examples.ser.RavdessName.Modality;
import dev.cadenza.kernel.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A stand-in for RAVDESS that anybody may have: the same file names, the same kind of WAV file,
 * spoken by {@link SyntheticVoice}s. It shows that the program works, not how well emotions of
 * people are recognised.
 *
 * @param names the clips, in the order of RAVDESS
 * @param seed the same seed gives the same bytes on every machine
 */
public record SyntheticCorpus(List<RavdessName> names, long seed) {

  private static final int WAV_HEADER = 44;

  /** Copies the list. */
  public SyntheticCorpus {
    names = List.copyOf(names);
  }

  /** The names of all 1440 clips that RAVDESS has of speech. */
  public static List<RavdessName> allNames() {
    List<RavdessName> names = new ArrayList<>();
    for (int actor = 1; actor <= RavdessName.ACTORS; actor++) {
      for (Emotion emotion : Emotion.values()) {
        for (Intensity intensity : Intensity.values()) {
          if (emotion == Emotion.NEUTRAL && intensity == Intensity.STRONG) {
            continue;
          }
          for (int take = 0; take < 4; take++) {
            names.add(
                new RavdessName(
                    Modality.AUDIO,
                    Channel.SPEECH,
                    emotion,
                    intensity,
                    take / 2 + 1,
                    take % 2 + 1,
                    actor));
          }
        }
      }
    }
    return names;
  }

  /** Speaks all clips into memory, about 0.3 MB each. */
  public Corpus inMemory() {
    Map<Integer, SyntheticVoice> voices = voices();
    byte[][] files = new byte[names.size()][];
    Threads.parallelFor(files.length, i -> files[i] = wav(names.get(i), voices));
    return Corpus.inMemory(
        IntStream.range(0, files.length)
            .boxed()
            .collect(Collectors.toMap(i -> fileName(names.get(i)), i -> files[i])));
  }

  /**
   * Speaks all clips into {@code Actor_01/03-01-01-01-01-01-01.wav} and so on below a folder.
   *
   * @throws IOException if a file cannot be written
   */
  public void write(Path folder) throws IOException {
    Map<Integer, SyntheticVoice> voices = voices();
    for (int actor : voices.keySet()) {
      Files.createDirectories(folder.resolve(folderOf(actor)));
    }
    try {
      Threads.parallelFor(names.size(), i -> write(names.get(i), voices, folder));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void write(RavdessName name, Map<Integer, SyntheticVoice> voices, Path folder) {
    try {
      Files.write(
          folder.resolve(folderOf(name.actor())).resolve(fileName(name)), wav(name, voices));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<Integer, SyntheticVoice> voices() {
    return IntStream.rangeClosed(1, RavdessName.ACTORS)
        .filter(actor -> names.stream().anyMatch(name -> name.actor() == actor))
        .boxed()
        .collect(Collectors.toMap(Function.identity(), actor -> new SyntheticVoice(actor, seed)));
  }

  private static String folderOf(int actor) {
    return String.format(Locale.ROOT, "Actor_%02d", actor);
  }

  private static String fileName(RavdessName name) {
    return name.stem() + ".wav";
  }

  /** A mono WAV file of 16-bit samples. */
  private static byte[] wav(RavdessName name, Map<Integer, SyntheticVoice> voices) {
    float[] samples = Objects.requireNonNull(voices.get(name.actor())).speak(name);
    int dataBytes = 2 * samples.length;
    ByteBuffer wav = ByteBuffer.allocate(WAV_HEADER + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(ascii("RIFF")).putInt(WAV_HEADER - 8 + dataBytes).put(ascii("WAVE"));
    wav.put(ascii("fmt ")).putInt(16).putShort((short) 1).putShort((short) 1);
    wav.putInt(SyntheticVoice.SAMPLE_RATE).putInt(2 * SyntheticVoice.SAMPLE_RATE);
    wav.putShort((short) 2).putShort((short) 16);
    wav.put(ascii("data")).putInt(dataBytes);
    for (float sample : samples) {
      wav.putShort((short) Math.round(sample * Short.MAX_VALUE));
    }
    return wav.array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
