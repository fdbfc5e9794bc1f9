package dev.cadenza.kernel;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.memory.abstracts.Nd4jWorkspace;
import org.nd4j.linalg.factory.Nd4j;

class WorkspaceTest {
  private static final Shape SHAPE = Shape.of(300, 500); // 600 KB
  private static final int ARRAYS = 10;

  private final float[] values = new float[SHAPE.size()];

  /** Filled by Java: quick, every page is touched, and the Java heap stays as it is. */
  private Array filled(double value) {
    Arrays.fill(values, (float) value);
    return Array.of(values, SHAPE);
  }

  /** Bytes of the memory behind the workspace that is open now, with that of ND4J's results. */
  private static long arena() {
    return Objects.requireNonNull(Workspace.owner()).bytes() + current().getCurrentSize();
  }

  private static Nd4jWorkspace current() {
    return (Nd4jWorkspace) Nd4j.getMemoryManager().getCurrentWorkspace();
  }

  /** Large arrays, ops and a gradient, as a training step has them. */
  private void step() {
    for (int i = 0; i < ARRAYS; i++) {
      filled(i);
    }
    Tensor x = Tensor.of(Array.full(DType.FLOAT32, Shape.of(3, 5), 0.5)).tracked();
    x.mul(x).add(1).sum().backward();
  }

  @Test
  void five_hundred_steps_hold_no_growing_memory() {
    long arenaAfterTwo = 0;
    long processAfterFifty = 0;
    LongSupplier process = Pointer::physicalBytes;
    for (int i = 0; i < 500; i++) {
      try (Workspace step = Workspace.open()) {
        step();
        if (i == 2) {
          arenaAfterTwo = arena();
        } else if (i == 50) {
          processAfterFifty = process.getAsLong();
        } else if (i > 2) {
          assertThat(arena()).isEqualTo(arenaAfterTwo);
        }
        if (i > 2) { // nothing is made beside the arena
          assertThat(current().getSpilledSize()).isZero();
          assertThat(current().getPinnedSize()).isZero();
        }
      }
    }
    assertThat(arenaAfterTwo).isGreaterThan(ARRAYS * 4L * SHAPE.size());
    // A single array that each of the 450 steps kept would take 270 MB; Java's own heap, which is
    // counted too, moves by some tens.
    assertThat(process.getAsLong() - processAfterFifty).isLessThan(200L << 20);
  }

  @Test
  void a_later_step_that_needs_more_grows_the_arena_once() {
    long before = 0;
    for (int i = 0; i < 6; i++) {
      try (Workspace step = Workspace.open()) {
        step();
        before = arena();
      }
    }
    for (int i = 0; i < 2; i++) {
      try (Workspace step = Workspace.open()) {
        step();
        step();
        step();
      }
    }
    try (Workspace step = Workspace.open()) {
      long after = arena();
      assertThat(after).isGreaterThan(before);
      step();
      step();
      step();
      assertThat(arena()).isEqualTo(after);
    }
  }

  @Test
  void arrays_of_a_step_do_not_overlap() {
    for (int i = 0; i < 4; i++) {
      try (Workspace step = Workspace.open()) {
        Array a = filled(i);
        Array b = filled(i + 0.5);
        Array c = Kernels.of(a).elementwise().add(a, b);
        for (Array each : new Array[] {a, b, c}) {
          assertThat(each.toFloatArray()).containsOnly(each.toFloatArray()[0]);
        }
        assertThat(a.toFloatArray()[0]).isEqualTo(i);
        assertThat(c.toFloatArray()[7]).isEqualTo(2 * i + 0.5f);
      }
    }
  }

  @Test
  void heap_copies_reach_the_right_part_of_the_arena() {
    for (int i = 0; i < 4; i++) {
      try (Workspace step = Workspace.open()) {
        Array first = filled(1);
        Array second = filled(2);
        second.write(3, new float[] {9, 8, 7, 6}, 1, 2);
        float[] read = new float[5];
        second.read(2, read, 1, 4);
        assertThat(read).containsExactly(0, 2, 8, 7, 2);
        assertThat(first.toFloatArray()).containsOnly(1);
      }
    }
  }

  @Test
  void workspaces_nest() {
    for (int i = 0; i < 3; i++) {
      try (Workspace outer = Workspace.open()) {
        Array kept = filled(1);
        Array lost;
        try (Workspace inner = Workspace.open()) {
          lost = Kernels.of(kept).elementwise().add(kept, kept);
          assertThat(lost.toFloatArray()).containsOnly(2);
        }
        Array after = Kernels.of(kept).elementwise().affine(kept, 5, 0);
        assertThat(after.toFloatArray()).containsOnly(5);
        assertThat(kept.toFloatArray()).containsOnly(1);
        assertThatThrownBy(lost::toFloatArray).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void outside_of_a_workspace_arrays_live_on() {
    Array kept;
    try (Workspace step = Workspace.open()) {
      try (Workspace outside = Workspace.outside()) {
        kept = filled(3);
      }
      filled(4);
    }
    try (Workspace step = Workspace.open()) {
      filled(5);
      assertThat(kept.toFloatArray()).containsOnly(3);
    }
  }

  @Test
  void use_after_close_is_refused_by_message() {
    Array a;
    Array view;
    try (Workspace step = Workspace.open()) {
      a = filled(1);
      a.toFloatArray(); // what is remembered for fast copies must not get round the check
      view = a.reshape(Shape.of(SHAPE.size()));
    }
    String rest =
        " was made in a workspace that is closed; call detach() inside the workspace on what should"
            + " outlive it";
    assertThatThrownBy(a::toFloatArray)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("array [300, 500]" + rest);
    assertThatThrownBy(view::toFloatArray).hasMessage("array [150000]" + rest);
    assertThatThrownBy(() -> a.write(0, new float[1], 0, 1)).hasMessage("array [300, 500]" + rest);
    assertThatThrownBy(a::detach).hasMessage("array [300, 500]" + rest);
    assertThat(a.shape()).isEqualTo(SHAPE); // what needs no numbers stays
  }

  @Test
  void a_copy_outlives_the_workspace() {
    Array copy;
    try (Workspace step = Workspace.open()) {
      copy = filled(6).detach();
    }
    try (Workspace step = Workspace.open()) {
      filled(7);
      filled(8);
    }
    assertThat(copy).hasShape(SHAPE);
    assertThat(copy.toFloatArray()).containsOnly(6);
  }

  @Test
  void an_exception_closes_the_workspace() {
    assertThatThrownBy(
            () -> {
              try (Workspace step = Workspace.open()) {
                throw new IllegalArgumentException("in the step");
              }
            })
        .hasMessage("in the step");
    assertThat(Workspace.owner() == null).isTrue();
  }

  @Test
  void the_wrong_order_and_the_wrong_thread_are_refused() {
    try (Workspace outer = Workspace.open()) {
      String message =
          "workspace: must be closed by the thread that opened it, and inner ones first";
      try (Workspace inner = Workspace.open()) {
        assertThatThrownBy(outer::close)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(message);
        assertThatThrownBy(() -> CompletableFuture.runAsync(inner::close).join())
            .isInstanceOf(CompletionException.class)
            .cause()
            .hasMessage(message);
        inner.close();
      } // closing twice is nothing
    }
    assertThat(Workspace.owner() == null).isTrue();
  }

  @Test
  void threads_have_their_own() {
    try (Workspace mine = Workspace.open()) {
      Array theirs = CompletableFuture.supplyAsync(() -> filled(2)).join();
      assertThat(theirs.toFloatArray()).containsOnly(2);
      Workspace owner = CompletableFuture.supplyAsync(Workspace::owner).join();
      assertThat(owner == null).isTrue();
    }
  }
}
