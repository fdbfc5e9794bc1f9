package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.feature.FeatureStream;
import dev.cadenza.audio.feature.Features;
import dev.cadenza.audio.feature.LogMel;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.TargetDataLine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A microphone on lines that give prepared bytes: the machine may have none. */
class MicrophoneTest {
  private static final AudioFormat STEREO = new AudioFormat(16_000, 16, 2, true, false);

  /** A line that gives {@code content} and then waits until it is closed. */
  private static final class FakeLine {
    final List<String> calls = new ArrayList<>();
    final CountDownLatch closed = new CountDownLatch(1);
    final CountDownLatch waiting = new CountDownLatch(1);
    final AudioFormat format;
    final ByteBuffer content;
    int available;

    FakeLine(AudioFormat format, byte... content) {
      this.format = format;
      this.content = ByteBuffer.wrap(content);
    }

    TargetDataLine line() {
      return (TargetDataLine)
          Proxy.newProxyInstance(
              MicrophoneTest.class.getClassLoader(),
              new Class<?>[] {TargetDataLine.class},
              (proxy, method, arguments) -> answer(method.getName(), arguments));
    }

    private @Nullable Object answer(String method, Object[] arguments) throws InterruptedException {
      return switch (method) {
        case "getFormat" -> format;
        case "getBufferSize" -> 6400;
        case "available" -> available;
        case "isOpen" -> calls.contains("open");
        case "read" -> read((byte[]) arguments[0], (int) arguments[1], (int) arguments[2]);
        case "open", "start", "stop", "close" -> {
          calls.add(method);
          if (method.equals("close")) {
            closed.countDown();
          }
          yield null;
        }
        default -> throw new UnsupportedOperationException(method);
      };
    }

    private int read(byte[] to, int offset, int length) throws InterruptedException {
      int n = Math.min(length, content.remaining());
      content.get(to, offset, n);
      if (n < length) {
        waiting.countDown();
        closed.await();
      }
      return n;
    }
  }

  private static byte[] shorts(int... samples) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(samples).forEach(sample -> bytes.putShort((short) sample));
    return bytes.array();
  }

  @Test
  void samplesComeByChannelAtFullScaleOne() throws IOException {
    FakeLine fake = new FakeLine(STEREO, shorts(16384, -32768, 1, 8192, 0, 32767));
    try (Microphone microphone = Microphone.of(fake.line())) {
      assertThat(microphone.info())
          .isEqualTo(new AudioInfo("microphone", "16-bit PCM", 16_000, 2, AudioInfo.UNKNOWN));
      float[][] block = new float[2][3];
      assertThat(microphone.read(block, 2)).isEqualTo(2);
      assertThat(microphone.read(block, 2, 1)).isEqualTo(1);
      assertThat(block)
          .isDeepEqualTo(new float[][] {{0.5f, 0x1p-15f, 0}, {-1, 0.25f, 1 - 0x1p-15f}});
      assertThat(microphone.bufferSeconds()).isEqualTo(0.1);
      assertThat(microphone.warnings()).isEmpty();
    }
    assertThat(fake.calls).containsExactly("open", "start", "stop", "close");
  }

  @Test
  void anyPcmOfWholeBytesIsRead() throws IOException {
    AudioFormat bytes = new AudioFormat(Encoding.PCM_UNSIGNED, 8000, 8, 1, 1, 8000, false);
    assertThat(first(new FakeLine(bytes, (byte) 192))).isEqualTo(0.5f);
    AudioFormat big = new AudioFormat(Encoding.PCM_SIGNED, 8000, 24, 1, 3, 8000, true);
    assertThat(first(new FakeLine(big, (byte) 0xC0, (byte) 0, (byte) 0))).isEqualTo(-0.5f);
    AudioFormat mp3 = new AudioFormat(new Encoding("MP3"), 8000, 16, 1, 2, 8000, false);
    assertThatThrownBy(() -> Microphone.of(new FakeLine(mp3).line()))
        .isInstanceOf(IOException.class)
        .hasMessage("microphone: samples are " + mp3 + ", expected PCM of 8, 16, 24 or 32 bits");
  }

  private static float first(FakeLine fake) throws IOException {
    float[][] block = new float[1][1];
    try (Microphone microphone = Microphone.of(fake.line())) {
      assertThat(microphone.read(block, 1)).isEqualTo(1);
    }
    return block[0][0];
  }

  @Test
  void closingEndsAReadThatWaits() throws Exception {
    FakeLine fake = new FakeLine(STEREO, shorts(1, 2, 3, 4));
    Microphone microphone = Microphone.of(fake.line());
    float[][] block = new float[2][100];
    CompletableFuture<Integer> reading =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return microphone.read(block, 100);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    assertThat(fake.waiting.await(10, TimeUnit.SECONDS)).isTrue();
    microphone.close();
    assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    assertThat(microphone.read(block, 100)).isZero();
  }

  @Test
  void lostSamplesAreSaidOnce() throws IOException {
    FakeLine fake = new FakeLine(STEREO, new byte[64]);
    fake.available = 6400;
    try (Microphone microphone = Microphone.of(fake.line())) {
      microphone.read(new float[2][8], 8);
      microphone.read(new float[2][8], 8);
      assertThat(microphone.warnings())
          .containsExactly(
              "samples were lost: they were not read before the buffer of 0.10 s was full");
    }
  }

  @Test
  void whereThereIsNoInputTheMessageSaysSo() {
    Microphone.Lines none =
        format -> {
          throw new IllegalArgumentException("No line matching ...");
        };
    assertThatThrownBy(() -> Microphone.open(16_000, 1, none))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("microphone: no input gives 1 channel of 16-bit PCM at 16000 Hz");
    assertThat(Microphone.noLine(STEREO, List.of()))
        .isEqualTo(
            "microphone: no input gives 2 channels of 16-bit PCM at 16000 Hz:"
                + " this machine has none that Java can see");
    assertThat(Microphone.noLine(STEREO, List.of("Webcam", "Line in")))
        .isEqualTo(
            "microphone: no input gives 2 channels of 16-bit PCM at 16000 Hz,"
                + " there are Webcam, Line in");
  }

  @Test
  void whereAnotherProgramHasItTheMessageSaysSo() {
    Microphone.Lines busy =
        format -> {
          throw new LineUnavailableException("busy");
        };
    assertThatThrownBy(() -> Microphone.open(48_000, 2, busy))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "microphone: the input for 2 channels of 16-bit PCM at 48000 Hz cannot be opened,"
                + " another program may have it: javax.sound.sampled.LineUnavailableException: busy");
  }

  @Test
  void featuresOfWhatIsHeardAreThoseOfTheWhole() throws IOException {
    int[] tone = new int[4000];
    float[] signal = new float[tone.length];
    for (int i = 0; i < tone.length; i++) {
      tone[i] = (int) Math.round(9000 * Math.sin(0.2 * i));
      signal[i] = tone[i] / 32768f;
    }
    LogMel logMel = LogMel.librosa().sampleRate(16_000).nFft(512).hopLength(128).topDb(null);
    FeatureStream stream = FeatureStream.of(logMel);
    FakeLine fake = new FakeLine(new AudioFormat(16_000, 16, 1, true, false), shorts(tone));
    int frames = 0;
    Features whole = logMel.apply(signal);
    try (Microphone microphone = Microphone.of(fake.line())) {
      float[][] block = new float[1][400];
      for (int i = 0; i < 10; i++) {
        microphone.read(block, 400);
        Features now = stream.push(block[0]);
        for (int t = 0; t < now.frames(); t++, frames++) {
          assertThat(now.get(5, t)).isCloseTo(whole.get(5, frames), within(0f));
        }
      }
    }
    assertThat(frames).isEqualTo(whole.frames() - 2); // those that reach beyond the end
  }
}
