package dev.cadenza.optim;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Changes parameters so that a loss falls. A parameter that no gradient reached is left as it is,
 * without weight decay, as in PyTorch.
 *
 * <p>What an optimizer remembers between steps has names, lives outside of every workspace and can
 * be saved beside the network: with {@link #state()} and {@link #load} training goes on to the same
 * bits. Not thread-safe.
 */
public abstract class Optimizer {
  private static final String LEARNING_RATE = "learning_rate";
  private static final String STEP = "step";

  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Memory> memories = new HashMap<>();
  private final List<String> slots;
  private double learningRate;

  /** What is remembered of one parameter: an array a slot, and how many steps it has seen. */
  private static final class Memory {
    private final List<Array> arrays;
    private int step;

    Memory(Array parameter, int slots, int step) {
      this.step = step;
      this.arrays = new ArrayList<>(slots);
      try (Workspace outside = Workspace.outside()) {
        for (int i = 0; i < slots; i++) {
          arrays.add(Array.zeros(parameter.type(), parameter.shape()));
        }
      }
    }
  }

  /**
   * An optimizer of these parameters.
   *
   * @param parameters by key, see {@code Layer.parameters()}; one that is there twice is changed
   *     once a step
   * @param slots names of what is remembered of each parameter, in its shape, zero at first
   */
  protected Optimizer(Map<String, Tensor> parameters, double learningRate, List<String> slots) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("optimizer: there are no parameters");
    }
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    parameters.forEach(
        (key, p) -> {
          if (!p.isLeaf() || !p.isTracked()) {
            throw new IllegalArgumentException(
                "optimizer: '" + key + "' (" + p + ") is no tracked leaf");
          }
          if (seen.add(p)) {
            this.parameters.put(key, p);
          }
        });
    this.slots = List.copyOf(slots);
    learningRate(learningRate);
  }

  /** Changes every parameter that a gradient reached. */
  public final void step(Gradients gradients) {
    parameters.forEach(
        (key, parameter) -> {
          Array gradient = gradients.arrayOf(parameter);
          if (gradient != null) {
            Array p = parameter.array();
            Memory m = memories.computeIfAbsent(key, k -> new Memory(p, slots.size(), 0));
            m.step++;
            update(p, gradient, m.arrays, m.step);
          }
        });
  }

  /**
   * Changes one parameter.
   *
   * @param parameter modified
   * @param gradient not modified
   * @param memory an array a slot; modified
   * @param step how often this parameter has been changed, this time included
   */
  protected abstract void update(Array parameter, Array gradient, List<Array> memory, int step);

  /** The learning rate of the next step. */
  public final double learningRate() {
    return learningRate;
  }

  /** Sets the learning rate from the next step on. */
  public final void learningRate(double rate) {
    learningRate = notNegative("learningRate", rate);
  }

  /**
   * All that a step depends on beside parameters and gradients, by name: the learning rate, and for
   * each parameter that was changed its slots and the number of its steps. The slots are the ones
   * in use, not copies.
   */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put(LEARNING_RATE, Tensor.of(new double[] {learningRate}));
    for (String key : parameters.keySet()) {
      Memory m = memories.get(key);
      if (m != null) {
        for (int i = 0; i < slots.size(); i++) {
          state.put(key + "." + slots.get(i), Tensor.of(m.arrays.get(i)));
        }
        state.put(key + "." + STEP, Tensor.of(new double[] {m.step}));
      }
    }
    return state;
  }

  /**
   * Goes on from what {@link #state()} gave; the values are copied.
   *
   * @throws IllegalArgumentException if something is missing, has another shape or belongs to
   *     another network or optimizer; this one is then as it was
   */
  public final void load(Map<String, Tensor> state) {
    Set<String> left = new HashSet<>(state.keySet());
    double rate = take(state, left, LEARNING_RATE, Shape.scalar()).item();
    Map<String, Memory> loaded = new HashMap<>();
    parameters.forEach(
        (key, parameter) -> {
          if (state.containsKey(key + "." + STEP)) {
            int step = (int) take(state, left, key + "." + STEP, Shape.scalar()).item();
            Memory m = new Memory(parameter.array(), slots.size(), step);
            for (int i = 0; i < slots.size(); i++) {
              Tensor from = take(state, left, key + "." + slots.get(i), parameter.shape());
              m.arrays.get(i).assign(from.array().cast(parameter.type()));
            }
            loaded.put(key, m);
          }
        });
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "optimizer: the state has what belongs to no parameter here: "
              + String.join(", ", new TreeSet<>(left)));
    }
    learningRate(rate);
    memories.clear();
    memories.putAll(loaded);
  }

  private static Tensor take(
      Map<String, Tensor> state, Set<String> left, String name, Shape shape) {
    Tensor found = state.get(name);
    if (found == null || !found.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "optimizer: the state needs '"
              + name
              + "' of shape "
              + shape
              + ", it has "
              + (found == null ? "none" : found.shape()));
    }
    left.remove(name);
    return found;
  }

  static double notNegative(String name, double value) {
    return require(
        value >= 0 && value < Double.POSITIVE_INFINITY,
        name,
        value,
        "must be finite and not negative");
  }

  /** A setting that must be in [0, 1). */
  static double fraction(String name, double value) {
    return require(value >= 0 && value < 1, name, value, "must be in [0, 1)");
  }

  private static double require(boolean holds, String name, double value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException("optimizer: " + name + "=" + value + " " + rule);
    }
    return value;
  }
}
