package dev.cadenza.kernel;

import java.util.ArrayList;
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
 * <p>The first step finds out how much memory is needed, the second gets it in one block, from then
 * on nothing is allocated; a later step that needs more grows it once. Workspaces nest and belong
 * to the thread that opened them. What should outlive one is copied out with {@code detach()};
 * parameters and optimizer state never live in one. Using an array after its workspace was closed
 * is refused.
 */
public final class Workspace implements AutoCloseable {
  /** For the results of ND4J's own operations, which come from its workspace. */
  private static final WorkspaceConfiguration CONFIGURATION =
      WorkspaceConfiguration.builder()
          .policyAllocation(AllocationPolicy.STRICT)
          .policyLearning(LearningPolicy.FIRST_LOOP)
          .policySpill(SpillPolicy.REALLOCATE)
          .policyReset(ResetPolicy.BLOCK_LEFT)
          .build();

  private static final ThreadLocal<@Nullable Workspace> CURRENT = new ThreadLocal<>();

  /** The memory of each depth of nesting: it stays when a workspace is closed. */
  private static final ThreadLocal<List<Memory>> MEMORY = ThreadLocal.withInitial(ArrayList::new);

  private final @Nullable Workspace outer = CURRENT.get();
  private final int depth = outer == null ? 0 : outer.depth + 1;
  private final boolean inside;
  private final Memory memory;
  private final MemoryWorkspace ofNd4j;
  private volatile boolean closed;

  private record Memory(Arena floats, Arena doubles) {
    Memory() {
      this(new Arena(DType.FLOAT32, Arena.MOST), new Arena(DType.FLOAT64, Arena.MOST));
    }
  }

  private Workspace(boolean inside) {
    this.inside = inside;
    memory = memory(depth);
    if (inside) {
      memory.floats.reset();
      memory.doubles.reset();
    }
    ofNd4j =
        inside
            ? Nd4j.getWorkspaceManager()
                .getAndActivateWorkspace(CONFIGURATION, "cadenza-step-" + depth)
            : Nd4j.getWorkspaceManager().scopeOutOfWorkspaces();
    CURRENT.set(this);
  }

  private static Memory memory(int depth) {
    List<Memory> mine = MEMORY.get();
    while (mine.size() <= depth) {
      mine.add(new Memory());
    }
    return mine.get(depth);
  }

  /** Opens a workspace for this thread. */
  public static Workspace open() {
    return new Workspace(true);
  }

  /**
   * Steps outside of all workspaces: arrays made until it is closed live until they are garbage.
   */
  public static Workspace outside() {
    return new Workspace(false);
  }

  /** The workspace that owns what this thread allocates now, or null if none does. */
  static @Nullable Workspace owner() {
    Workspace w = CURRENT.get();
    return w == null || !w.inside ? null : w;
  }

  /** Memory for an array. */
  Storage take(DType type, int size) {
    return (type == DType.FLOAT32 ? memory.floats : memory.doubles).take(size);
  }

  /** Bytes of the memory behind this workspace, without ND4J's own results. */
  long bytes() {
    return memory.floats.bytes() + memory.doubles.bytes();
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
    ofNd4j.close();
    if (outer == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(outer);
    }
  }
}
