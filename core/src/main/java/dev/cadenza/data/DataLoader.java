package dev.cadenza.data;

import dev.cadenza.shape.Shape;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Deals out a data set in batches, epoch by epoch, and prepares the next ones on a thread of its
 * own while the current one is used:
 *
 * <pre>{@code
 * try (DataLoader loader = DataLoader.over(train).batchSize(32).shuffle(seed).build()) {
 *   for (Batch batch : loader.epoch(0)) {
 *     try (Workspace step = Workspace.open()) {
 *       Tensor y = net.forward(batch.inputs(), Pass.train(rng));
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>What an epoch contains depends on the data set, the settings, the seed and the number of the
 * epoch, not on earlier epochs or on prefetching. An exception of the data set is thrown to the one
 * who asks for that batch.
 */
public final class DataLoader implements AutoCloseable {
  private final Dataset dataset;
  private final int batchSize;
  private final OptionalLong seed;
  private final int batches;
  private final int prefetch;
  private final ThreadPoolExecutor background;

  private DataLoader(Builder b) {
    this.dataset = b.dataset;
    this.batchSize = b.batchSize;
    this.seed = b.seed;
    this.prefetch = b.prefetch;
    int size = dataset.size();
    this.batches = b.dropLast ? size / batchSize : (size + batchSize - 1) / batchSize;
    if (batches == 0) {
      throw new IllegalArgumentException(
          "dataLoader: "
              + size
              + " examples make no batch"
              + (b.dropLast ? " of " + batchSize + ", and dropLast is on" : ""));
    }
    // One thread, so that batches are made in order; it ends by itself when there is nothing to do.
    this.background =
        new ThreadPoolExecutor(
            1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), DataLoader::worker);
    background.allowCoreThreadTimeOut(true);
  }

  private static Thread worker(Runnable task) {
    Thread t = new Thread(task, "cadenza-data");
    t.setDaemon(true);
    return t;
  }

  /** Settings for this data set: batches of 32, in order, the last one smaller, 2 made ahead. */
  public static Builder over(Dataset dataset) {
    return new Builder(dataset);
  }

  /** The number of batches in an epoch. */
  public int batches() {
    return batches;
  }

  /** The batches of an epoch, counted from 0. May be iterated again, to the same batches. */
  public Iterable<Batch> epoch(int epoch) {
    return () -> new Epoch(dataset.inEpoch(epoch), order(epoch));
  }

  /** Which example comes when. */
  private int[] order(int epoch) {
    int[] order = IntStream.range(0, dataset.size()).toArray();
    if (seed.isPresent()) {
      RandomGenerator rng = Seeds.of(seed.getAsLong(), epoch);
      for (int i = order.length - 1; i > 0; i--) { // Fisher and Yates
        int j = rng.nextInt(i + 1);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
    }
    return order;
  }

  /** Stops the thread. Epochs that are under way end with an {@link IllegalStateException}. */
  @Override
  public void close() {
    for (Runnable waiting : background.shutdownNow()) {
      if (waiting instanceof Future<?> batch) {
        batch.cancel(true);
      }
    }
  }

  private static Batch read(Dataset dataset, int[] indices) {
    Shape shape = dataset.shape();
    float[] example = new float[shape.size()];
    float[] features = new float[Math.multiplyExact(indices.length, example.length)];
    int[] labels = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      dataset.read(indices[i], example);
      System.arraycopy(example, 0, features, i * example.length, example.length);
      labels[i] = dataset.label(indices[i]);
    }
    return new Batch(Shape.of(indices.length).append(shape.dims()), features, labels, indices);
  }

  private final class Epoch implements Iterator<Batch> {
    private final Dataset dataset;
    private final int[] order;
    private final Queue<Future<Batch>> ahead = new ArrayDeque<>();
    private int asked;
    private int given;

    Epoch(Dataset dataset, int[] order) {
      this.dataset = dataset;
      this.order = order;
    }

    @Override
    public boolean hasNext() {
      return given < batches;
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException("dataLoader: the epoch has " + batches + " batches");
      }
      if (background.isShutdown()) {
        throw closed();
      }
      given++;
      if (prefetch == 0) {
        return read(dataset, indices(given - 1));
      }
      askFor(given + prefetch);
      return await(ahead.remove());
    }

    /** Lets the thread prepare batches until so many were asked for in this epoch. */
    private void askFor(int count) {
      try {
        for (; asked < Math.min(count, batches); asked++) {
          int[] indices = indices(asked);
          ahead.add(background.submit(() -> read(dataset, indices)));
        }
      } catch (RejectedExecutionException e) {
        throw closed();
      }
    }

    private int[] indices(int batch) {
      int from = batch * batchSize;
      return Arrays.copyOfRange(order, from, Math.min(from + batchSize, order.length));
    }

    private Batch await(Future<Batch> batch) {
      try {
        return batch.get();
      } catch (CancellationException e) {
        throw closed();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("dataLoader: interrupted while waiting for a batch", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      }
    }

    private IllegalStateException closed() {
      return new IllegalStateException("dataLoader: is closed");
    }
  }

  /** The settings of {@link DataLoader}. */
  public static final class Builder {
    private final Dataset dataset;
    private int batchSize = 32;
    private OptionalLong seed = OptionalLong.empty();
    private boolean dropLast;
    private int prefetch = 2;

    private Builder(Dataset dataset) {
      this.dataset = dataset;
    }

    /** The number of examples in a batch, N. */
    public Builder batchSize(int size) {
      if (size < 1) {
        throw new IllegalArgumentException("dataLoader: batchSize=" + size + " must be at least 1");
      }
      batchSize = size;
      return this;
    }

    /** Another order in every epoch; it depends on the seed and the number of the epoch alone. */
    public Builder shuffle(long seed) {
      this.seed = OptionalLong.of(seed);
      return this;
    }

    /** Whether examples that do not fill a batch are left out of the epoch. */
    public Builder dropLast(boolean drop) {
      dropLast = drop;
      return this;
    }

    /** How many batches are prepared ahead; 0 prepares each when it is asked for. */
    public Builder prefetch(int batches) {
      if (batches < 0) {
        throw new IllegalArgumentException(
            "dataLoader: prefetch=" + batches + " must not be negative");
      }
      prefetch = batches;
      return this;
    }

    /**
     * The loader with these settings.
     *
     * @throws IllegalArgumentException if there is not a single batch
     */
    public DataLoader build() {
      return new DataLoader(this);
    }
  }
}
