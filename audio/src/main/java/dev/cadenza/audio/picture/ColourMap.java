package dev.cadenza.audio.picture;

/**
 * Colours for numbers, such that equal steps of the number look equal and get lighter all the way:
 * every fifth of the 256 colours of the maps that Nathaniel Smith and Stefan van der Walt made for
 * matplotlib and put into the public domain (CC0).
 */
public enum ColourMap {
  /** Dark violet over green to yellow. */
  VIRIDIS(
      "44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a"
          + "3a538b38598c355e8d33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d"
          + "20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c35b7793dbc7446c06f50c46a5ac864"
          + "65cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725"),
  /** Black over purple and orange to a pale yellow. */
  MAGMA(
      "00000402020b0504160907200e0b2b140e361a104221114e29115a311165390f6e420f754a1079"
          + "52137c5a167e6219806a1c81721f81792282812581892881912b81992d80a1307eaa337db2357b"
          + "ba3878c23b75ca3e72d2426fd9466be04c67e75263ec5860f1605df4695cf7725cf97b5dfb8560"
          + "fc8e64fd9869fea16efeaa74feb47bfebd82fec68afecf92fed89afde2a3fdebacfcf4b6fcfdbf");

  private final int[] anchors;

  ColourMap(String hex) {
    anchors = new int[hex.length() / 6];
    for (int i = 0; i < anchors.length; i++) {
      anchors[i] = Integer.parseInt(hex, 6 * i, 6 * i + 6, 16);
    }
  }

  /** The colour of a share from 0 to 1, {@code 0xRRGGBB}; shares beyond are cut. */
  public int rgb(double share) {
    double at = Math.max(0, Math.min(1, share)) * (anchors.length - 1);
    int below = Math.min((int) at, anchors.length - 2);
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = anchors[below] >> shift & 0xff;
      int to = anchors[below + 1] >> shift & 0xff;
      rgb = rgb << 8 | (int) Math.round(from + (at - below) * (to - from));
    }
    return rgb;
  }
}
