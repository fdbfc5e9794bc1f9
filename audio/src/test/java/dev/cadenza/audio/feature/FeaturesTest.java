package dev.cadenza.audio.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.audio.dsp.Dct;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.MelFilterBank;
import dev.cadenza.audio.dsp.MelScale;
import dev.cadenza.audio.dsp.PadMode;
import dev.cadenza.audio.dsp.Window;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeaturesTest {
  @Test
  void presetsOfTheNetworksHaveTheirShapes() {
    float[] clip = Signals.noise(144_000, 1);
    assertThat(Presets.MFCC.apply(clip)).hasToString("Features[40, 282]");
    assertThat(Presets.LOG_MEL.apply(clip)).hasToString("Features[128, 563]");
  }

  @Test
  void settingsShowEveryDifference() {
    assertThat(Mfcc.librosa().sampleRate(48_000))
        .hasToString(
            "Mfcc[Settings[nMfcc=20, dctType=2, dctNorm=ORTHO, lifter=0.0, lifterKind=FROM_ONE,"
                + " zeroth=FIRST, mel=MelSettings[sampleRate=48000, nFft=2048, winLength=null,"
                + " hop=512, window=hann periodic, alignment=CENTERED, padMode=CONSTANT,"
                + " conditioning=Conditioning[gain=1.0, removeMean=false, preEmphasis=0.0],"
                + " power=2.0, nMels=128, fMin=0.0, fMax=null, melScale=SLANEY, melNorm=SLANEY,"
                + " triangles=HZ, log=LogScale[unit=DECIBEL, ref=1.0, amin=1.0E-10,"
                + " topDb=80.0]]]]");
    assertThat(Mfcc.librosa().settings()).isEqualTo(Mfcc.librosa().nMfcc(13).nMfcc(20).settings());
    assertThat(Mfcc.librosa().settings()).isNotEqualTo(Mfcc.torchaudio().settings());
  }

  @Test
  void oneTransformServesManyThreads() throws InterruptedException, ExecutionException {
    Mfcc shared = Mfcc.librosa();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Features>> together = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        float[] clip = Signals.noise(3000 + 997 * i, i);
        together.add(threads.submit(() -> shared.apply(clip)));
      }
      for (int i = 0; i < together.size(); i++) {
        float[] alone = Mfcc.librosa().apply(Signals.noise(3000 + 997 * i, i)).values();
        assertThat(together.get(i).get().values()).containsExactly(alone);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aClipLeavesNothingBehindForTheNext() {
    LogMel logMel = LogMel.librosa().nFft(511).winLength(300);
    float[] quiet = new float[2000];
    float[] expected = LogMel.librosa().nFft(511).winLength(300).apply(quiet).values();
    logMel.apply(Signals.noise(90_000, 3));
    assertThat(logMel.apply(quiet).values()).containsExactly(expected);
  }

  @Test
  void namesOfPythonSetTheSameSettings() {
    Mfcc byName =
        Mfcc.librosa()
            .set("sr", "16000")
            .set("n_fft", "512")
            .set("win_length", "400")
            .set("hop_length", "160")
            .set("window", "hamming")
            .set("center", "False")
            .set("power", "1")
            .set("n_mels", "64")
            .set("fmin", "20")
            .set("fmax", "7600")
            .set("htk", "True")
            .set("mel_norm", "None")
            .set("norm", "None")
            .set("ref", "max")
            .set("amin", "1e-5")
            .set("top_db", "None")
            .set("pad_mode", "reflect")
            .set("n_mfcc", "13")
            .set("dct_type", "3")
            .set("lifter", "22");
    Mfcc byWither =
        Mfcc.librosa()
            .sampleRate(16_000)
            .nFft(512)
            .winLength(400)
            .hopLength(160)
            .window(Window.HAMMING)
            .center(false)
            .power(1)
            .nMels(64)
            .fMin(20)
            .fMax(7600)
            .melScale(MelScale.HTK)
            .melNorm(MelFilterBank.Norm.NONE)
            .refMax()
            .amin(1e-5)
            .topDb(null)
            .padMode(PadMode.REFLECT)
            .nMfcc(13)
            .dct(3, Dct.Norm.NONE)
            .lifter(22);
    assertThat(byName.settings()).isEqualTo(byWither.settings());
    assertThat(Mfcc.htk().set("use_energy", "True").settings().zeroth())
        .isEqualTo(Mfcc.Zeroth.ENERGY_LAST);
    assertThat(LogMel.kaldi().set("use_energy", "True"))
        .hasToString(LogMel.kaldi().energy(LogMel.Energy.FIRST).toString());
  }

  @Test
  void theOrderOfNamesDoesNotMatter() {
    Map<String, String> longWindow = new LinkedHashMap<>();
    longWindow.put("win_length", "4000");
    longWindow.put("n_fft", "4096");
    assertThat(LogMel.librosa().set(longWindow).mel())
        .isEqualTo(LogMel.librosa().nFft(4096).winLength(4000).mel());
    assertThat(Mfcc.torchaudio().set(Map.of("n_mels", "20", "n_mfcc", "13")).settings())
        .isEqualTo(Mfcc.torchaudio().nMfcc(13).nMels(20).settings());
  }

  @Test
  void namesOfTorchaudioAreKnownToo() {
    Map<String, String> names =
        Map.of("sample_rate", "8000", "f_min", "50", "f_max", "3800", "mel_scale", "slaney");
    assertThat(LogMel.torchaudio().set(names).mel())
        .isEqualTo(
            LogMel.torchaudio()
                .sampleRate(8000)
                .fMin(50)
                .fMax(3800)
                .melScale(MelScale.SLANEY)
                .mel());
  }

  @Test
  void refusesWithOneClearLine() {
    assertThatThrownBy(() -> Mfcc.librosa().apply(new float[0]))
        .hasMessage("stft: the signal is empty, at least one sample is needed");
    assertThatThrownBy(() -> Mfcc.librosa().apply(new float[] {1, Float.NaN}))
        .hasMessage("stft: sample 1 of 2 is NaN, all samples must be finite");
    assertThatThrownBy(() -> Mfcc.librosa().nMfcc(129))
        .hasMessage("mfcc: nMfcc=129 must be at most nMels=128");
    assertThatThrownBy(() -> LogMel.librosa().winLength(4096))
        .hasMessage("mel: winLength=4096 must be between 1 and nFft=2048");
    assertThatThrownBy(() -> LogMel.librosa().fMin(12_000))
        .hasMessage("mel: fMin=12000.0 must be at least 0 and below fMax=11025.0");
    assertThatThrownBy(() -> LogMel.librosa().amin(0))
        .hasMessage(
            "log: amin=0.0 must be at least "
                + Float.toString(Float.MIN_NORMAL)); // shorter since Java 19
    assertThatThrownBy(() -> LogMel.librosa().set("n_mel", "3"))
        .hasMessage(
            "mel: there is no setting n_mel, there are sr, sample_rate, n_fft, win_length,"
                + " hop_length, window, center, pad_mode, power, n_mels, fmin, f_min, fmax, f_max,"
                + " htk, mel_scale, norm, ref, amin, top_db, use_energy");
    assertThatThrownBy(() -> Mfcc.librosa().set("norm", "slaney"))
        .hasMessage("mfcc: norm=slaney must be one of none, ortho, htk");
    assertThatThrownBy(() -> Mfcc.librosa().set("n_mfcc", "many"))
        .hasMessage("mfcc: n_mfcc=many is not a number");
    assertThatThrownBy(() -> LogMel.librosa().set("center", "yes"))
        .hasMessage("mel: center=yes must be one of True, False");
    assertThatThrownBy(() -> new Pitch(16_000, 60, 9000, 1024, 256))
        .hasMessage(
            "pitch: fMin=60.0 and fMax=9000.0 must be above 0, in order and at most half of"
                + " sampleRate=16000");
    assertThatThrownBy(() -> Deltas.savitzkyGolay(new Features(new float[5], 1, 5), 9, 1))
        .hasMessage(
            "delta: width=9 must be odd, above order=1 and at most the number of frames, 5");
  }

  @Test
  void voiceActivityFollowsKaldisRule() {
    float[] logEnergy = {0, 20, 1, 20, 20, 0, 0};
    // Mean 8.71, threshold 5 + 0.5 * 8.71 = 9.36.
    assertThat(Levels.voiceActivity(logEnergy, 5, 0.5, 0, 0.6))
        .containsExactly(false, true, false, true, true, false, false);
    assertThat(Levels.voiceActivity(logEnergy, 5, 0.5, 1, 0.6))
        .containsExactly(false, false, true, true, true, false, false);
  }

  @Test
  void kaldiGivesNoFramesOfAShortSignal() {
    assertThat(Mfcc.kaldi().apply(new float[399])).hasToString("Features[13, 0]");
    assertThat(Mfcc.kaldi().alignment(Alignment.HOP_CENTERED).apply(new float[399]))
        .hasToString("Features[13, 2]");
  }

  @Test
  void npyFilesAreReadBack(@TempDir Path folder) throws IOException {
    for (int[] shape : new int[][] {{}, {1}, {6}, {2, 3}, {0, 5}, {2, 3, 4}}) {
      int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      Npy npy = new Npy(Signals.noise(size, 1), shape);
      Path file = folder.resolve("x.npy");
      npy.write(file);
      assertThat(Files.size(file) % 64).isEqualTo(4L * size % 64);
      Npy back = Npy.read(file);
      assertThat(back.shape()).isEqualTo(shape);
      assertThat(back.values()).containsExactly(npy.values());
    }
  }

  @Test
  void badNpyFilesAreRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Npy(new float[6], 2, 3).write(out);
    byte[] good = out.toByteArray();
    assertThatThrownBy(() -> read(Arrays.copyOf(good, good.length - 1)))
        .isInstanceOf(IOException.class)
        .hasMessage("x.npy: cut short, [2, 3] needs 24 bytes, found 23");
    assertThatThrownBy(() -> read("RIFF....".getBytes(StandardCharsets.US_ASCII)))
        .hasMessage("x.npy: not an .npy file, it does not start with \\x93NUMPY");
    byte[] doubles =
        new String(good, StandardCharsets.ISO_8859_1)
            .replace("<f4", "<f8")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> read(doubles))
        .hasMessage(
            "x.npy: expected float32 in row-major order, found "
                + "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }");
  }

  private static Npy read(byte[] bytes) throws IOException {
    return Npy.read(new ByteArrayInputStream(bytes), "x.npy");
  }
}
