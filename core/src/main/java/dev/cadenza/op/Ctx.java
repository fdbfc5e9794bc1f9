package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one call of an op keeps from its forward for its backward. */
public final class Ctx {
  private final boolean recording;
  private Array[] saved = new Array[0];
  private @Nullable Object state;

  public Ctx(boolean recording) {
    this.recording = recording;
  }

  /** False if there will be no backward: nothing need be computed for it. */
  public boolean recording() {
    return recording;
  }

  /** Keeps arrays, to be read with {@link #saved}. */
  public void save(Array... arrays) {
    if (recording) {
      saved = arrays;
    }
  }

  public Array saved(int i) {
    return saved[i];
  }

  /** Keeps anything else. */
  public void keep(Object value) {
    if (recording) {
      state = value;
    }
  }

  public <T> T kept(Class<T> type) {
    return type.cast(Objects.requireNonNull(state, "nothing was kept"));
  }
}
