package dev.cadenza.examples.ser;

import java.util.List;

/**
 * A piece of speech of {@link SyntheticVoice}; formants after Peterson and Barney (1952) and Klatt
 * (1980), rounded.
 *
 * @param ms its length at normal speed
 * @param f1 first resonance of an average man in Hz; likewise {@code f2}, {@code f3}
 * @param voice loudness of the voice, 0 to 1
 * @param noise loudness of the consonant's noise
 * @param noiseHz where that noise is strongest
 * @param accent share of the accent's height that the pitch reaches
 */
record Phone(
    double ms,
    double f1,
    double f2,
    double f3,
    double voice,
    double noise,
    double noiseHz,
    double accent) {

  // The names are those of the ARPAbet; stops are a closure (silent or humming) and a burst.
  private static final Phone IH = vowel(95, 400, 1920, 2560, 1);
  private static final Phone AA = vowel(80, 730, 1090, 2440, 0.2);
  private static final Phone AO = vowel(125, 570, 840, 2410, 1);
  private static final Phone AH = vowel(90, 700, 1250, 2500, 0.7);
  private static final Phone IY = vowel(75, 300, 2200, 2900, 0.4);
  private static final Phone AX = vowel(60, 500, 1400, 2400, 0);
  private static final Phone LONG_AO = vowel(170, 570, 840, 2410, 0.8);
  private static final Phone R = sound(75, 340, 1080, 1600, 0.7);
  private static final Phone NG = sound(75, 280, 1900, 2600, 0.4);
  private static final Phone CLOSED = sound(50, 300, 1500, 2500, 0);
  private static final Phone HUM = sound(45, 220, 1300, 2400, 0.15);
  private static final Phone K = hiss(40, 350, 1900, 0, 0.8, 2000);
  private static final Phone T = hiss(40, 350, 1800, 0, 0.8, 4500);
  private static final Phone D = hiss(18, 300, 1700, 0.3, 0.5, 3800);
  private static final Phone B = hiss(14, 250, 900, 0.3, 0.4, 900);
  private static final Phone G = hiss(18, 300, 1600, 0.3, 0.5, 1800);
  private static final Phone Z = hiss(75, 320, 1600, 0.4, 0.5, 6500);
  private static final Phone S = hiss(110, 320, 1600, 0, 0.9, 6500);
  private static final Phone DH = hiss(45, 300, 1300, 0.5, 0.15, 5500);

  /** The statements of RAVDESS: "Kids are talking by the door", "Dogs are sitting by the door". */
  static final List<List<Phone>> STATEMENTS =
      List.of(
          List.of(
              K, IH, HUM, D, Z, AA, R, CLOSED, T, AO, CLOSED, K, IH, NG, //
              HUM, B, AH, IY, DH, AX, HUM, D, LONG_AO, R),
          List.of(
              HUM, D, AO, HUM, G, Z, AA, R, S, IH, CLOSED, T, IH, NG, //
              HUM, B, AH, IY, DH, AX, HUM, D, LONG_AO, R));

  private static Phone vowel(double ms, double f1, double f2, double f3, double accent) {
    return new Phone(ms, f1, f2, f3, 1, 0, 4000, accent);
  }

  private static Phone sound(double ms, double f1, double f2, double f3, double voice) {
    return new Phone(ms, f1, f2, f3, voice, 0, 4000, 0.2);
  }

  private static Phone hiss(
      double ms, double f1, double f2, double voice, double noise, double hz) {
    return new Phone(ms, f1, f2, 2600, voice, noise, hz, 0.1);
  }
}
