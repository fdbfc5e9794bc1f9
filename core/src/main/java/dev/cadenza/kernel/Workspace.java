package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The memory of one training step, given back all at once and reused by the next. Open it in a
 * try-with-resources statement; every array that this thread makes until it is closed lives in it:
 *
 * <pre>{@code
 * try (Workspace step = Workspace.open()) {
 *   Tensor loss = ...;
 *   optimizer.step(loss.backward());
 * }
 * }</pre>
 *
 * <p>The first step finds out how much memory is needed, from the second on nothing is allocated; a
 * later step that needs more grows it once. Workspaces nest and belong to the thread that opened
 * them. What should outlive one is copied out with {@code detach()}; parameters and optimizer state
 * never live in one. Using an array after its workspace was closed is refused.
 */
public final class Workspace implements AutoCloseable {
  private static final WorkspaceConfiguration CONFIGURATION =
      WorkspaceConfiguration.builder()
          .policyAllocation(AllocationPolicy.STRICT)
          .policyLearning(LearningPolicy.FIRST_LOOP)
          .policySpill(SpillPolicy.REALLOCATE)
          .policyReset(ResetPolicy.BLOCK_LEFT)
          .build();
  private static final ThreadLocal<@Nullable Workspace> CURRENT = new ThreadLocal<>();

  private final @Nullable Workspace outer = CURRENT.get();
  private final int depth = outer == null ? 0 : outer.depth + 1;
  private final boolean inside;
  private final @Nullable List<Array> kept;
  private final MemoryWorkspace arena;
  private int handedOut;
  private volatile boolean closed;

  private Workspace(boolean inside, @Nullable List<Array> kept) {
    this.inside = inside;
    this.kept = kept;
    arena =
        inside
            ? Nd4j.getWorkspaceManager()
                .getAndActivateWorkspace(CONFIGURATION, "cadenza-step-" + depth)
            : Nd4j.getWorkspaceManager().scopeOutOfWorkspaces();
    CURRENT.set(this);
  }

  /** Opens a workspace for this thread. */
  public static Workspace open() {
    return new Workspace(true, null);
  }

  /**
   * Opens a workspace for a computation that makes the same arrays every time. Those whose numbers
   * its kernels will write are taken from {@code kept}, in order, and outlive the workspace; what
   * is missing is added. Even making an array costs microseconds.
   *
   * @param kept empty at first; used by one workspace at a time
   */
  public static Workspace open(List<Array> kept) {
    return new Workspace(true, kept);
  }

  /**
   * Steps outside of all workspaces: arrays made until it is closed live until they are garbage.
   */
  public static Workspace outside() {
    return new Workspace(false, null);
  }

  /** The workspace that owns what this thread allocates now, or null if none does. */
  static @Nullable Workspace owner() {
    Workspace w = CURRENT.get();
    return w == null || !w.inside ? null : w;
  }

  /** The array that was made at this point the last time, or null if none is kept. */
  static @Nullable Array keptArray(DType type, Shape shape) {
    Workspace w = owner();
    if (w == null || w.kept == null) {
      return null;
    }
    int i = w.handedOut++;
    Array array = i < w.kept.size() ? w.kept.get(i) : null;
    if (array == null || array.type() != type || !array.shape().equals(shape)) {
      try (Workspace outside = outside()) {
        array = Array.uninitialized(type, shape);
      }
      w.kept.subList(i, w.kept.size()).clear();
      w.kept.add(array);
    }
    return array;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (CURRENT.get() != this) {
      throw new IllegalStateException(
          "workspace: must be closed by the thread that opened it, and inner ones first");
    }
    closed = true;
    arena.close();
    if (outer == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(outer);
    }
  }
}
