package dev.cadenza.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WindowTest {
  @Test
  void defaults_are_stride_1_no_padding_dilation_1() {
    assertThat(Window.square(3)).isEqualTo(new Window(3, 3, 1, 1, 0, 0, 1, 1));
    assertThat(Window.of(2, 5)).isEqualTo(new Window(2, 5, 1, 1, 0, 0, 1, 1));
    assertThat(Window.pool(2, 4)).isEqualTo(new Window(2, 4, 2, 4, 0, 0, 1, 1));
    assertThat(Window.of(2, 5).stride(3, 4).padding(5, 6).dilation(7, 8))
        .isEqualTo(new Window(2, 5, 3, 4, 5, 6, 7, 8));
    assertThat(Window.square(3).unitStride()).isTrue();
    assertThat(Window.square(3).stride(1, 2).unitStride()).isFalse();
  }

  /** Counts the places where the window lies within the padded axis. */
  private static int places(int n, int k, int stride, int pad, int dilation) {
    int count = 0;
    for (int start = -pad; start + dilation * (k - 1) < n + pad; start += stride) {
      count++;
    }
    return count;
  }

  @Test
  void output_sizes_are_the_numbers_of_places() {
    for (int n = 0; n <= 13; n++) {
      for (int k = 1; k <= 5; k++) {
        for (int stride = 1; stride <= 4; stride++) {
          for (int pad = 0; pad <= 2; pad++) {
            for (int dilation = 1; dilation <= 3; dilation++) {
              Window w = new Window(k, 1, stride, 1, pad, 0, dilation, 1);
              Window turned = new Window(1, k, 1, stride, 0, pad, 1, dilation);
              int places = places(n, k, stride, pad, dilation);
              assertThat(Math.max(0, w.outH(n))).as("%s on %d", w, n).isEqualTo(places);
              assertThat(Math.max(0, turned.outW(n))).isEqualTo(places);
            }
          }
        }
      }
    }
  }

  @Test
  void an_image_gets_an_output_shape() {
    Window w = Window.of(3, 5).padding(1, 2);
    assertThat(w.out("op", Shape.of(2, 3, 40, 282), 16)).isEqualTo(Shape.of(2, 16, 40, 282));
    assertThat(Window.pool(4, 4).out("op", Shape.of(2, 3, 40, 282), 3))
        .isEqualTo(Shape.of(2, 3, 10, 70));
  }

  @Test
  void what_is_no_window_is_refused_by_message() {
    assertThatThrownBy(() -> Window.of(0, 3))
        .isInstanceOf(ShapeException.class)
        .hasMessage("window: kernel must be at least 1, got [0, 3]");
    assertThatThrownBy(() -> Window.square(3).stride(1, 0))
        .hasMessage("window: stride must be at least 1, got [1, 0]");
    assertThatThrownBy(() -> Window.square(3).dilation(-1, 1))
        .hasMessage("window: dilation must be at least 1, got [-1, 1]");
    assertThatThrownBy(() -> Window.square(3).padding(0, -2))
        .hasMessage("window: padding must not be negative, got [0, -2]");
    assertThatThrownBy(() -> Window.square(3).out("op", Shape.of(3, 4, 5), 1))
        .hasMessage("op: input needs [N, C, H, W], got [3, 4, 5]");
    assertThatThrownBy(() -> Window.square(4).padding(0, 1).out("op", Shape.of(1, 2, 3, 4), 1))
        .hasMessage(
            "op: a 4x4 window does not fit into height 3, width 4 (padding 0x1, input [1, 2, 3,"
                + " 4])");
  }
}
