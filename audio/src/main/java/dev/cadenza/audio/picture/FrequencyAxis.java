package dev.cadenza.audio.picture;

/** How frequencies are spread over the height of a picture. */
public enum FrequencyAxis {
  /** Evenly in Hz. */
  LINEAR,
  /** As the ear hears them: evenly in mels. */
  MEL,
  /** Evenly in octaves; without the bin at 0 Hz. */
  LOG
}
