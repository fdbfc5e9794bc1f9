package dev.cadenza.kernel;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * The one pool of threads that kernels compute on. Work is cut into tasks whose number and content
 * do not depend on the number of threads, and every task writes its own place, so that results are
 * bit-identical for any number of threads.
 *
 * <p>The number of threads is that of the processors, or {@code -Dcadenza.threads=n}, or what
 * {@link #use} says. The calling thread is one of them.
 */
public final class Threads {
  private static final ThreadLocal<Boolean> BUSY = ThreadLocal.withInitial(() -> false);
  private static final ThreadPoolExecutor POOL =
      new ThreadPoolExecutor(
          0, Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new SynchronousQueue<>(), Threads::worker);
  private static volatile int count =
      positive(Integer.getInteger("cadenza.threads", Runtime.getRuntime().availableProcessors()));

  private Threads() {}

  private static int positive(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, got " + n);
    }
    return n;
  }

  private static Thread worker(Runnable task) {
    Thread t = new Thread(task, "cadenza-kernel");
    t.setDaemon(true);
    return t;
  }

  /** The number of threads that compute. */
  public static int count() {
    return count;
  }

  /** Sets the number of threads for all kernels from now on. */
  public static void use(int threads) {
    count = positive(threads);
  }

  /**
   * Runs {@code body} for 0 .. tasks - 1, on several threads, and returns when all are done. Inside
   * of a task it runs on the calling thread alone. The first exception of a task is thrown here.
   */
  public static void parallelFor(int tasks, IntConsumer body) {
    int threads = Math.min(count, tasks);
    if (threads <= 1 || BUSY.get()) {
      for (int i = 0; i < tasks; i++) {
        body.accept(i);
      }
      return;
    }
    Job job = new Job(tasks, body, new CountDownLatch(threads - 1));
    for (int i = 1; i < threads; i++) {
      POOL.execute(
          () -> {
            job.run();
            job.done.countDown();
          });
    }
    job.run();
    job.await();
  }

  private static final class Job {
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final int tasks;
    private final IntConsumer body;
    private final CountDownLatch done;

    Job(int tasks, IntConsumer body, CountDownLatch done) {
      this.tasks = tasks;
      this.body = body;
      this.done = done;
    }

    void run() {
      BUSY.set(true);
      try {
        for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
          body.accept(i);
        }
      } catch (Throwable t) { // a checked one in disguise must not end the thread uncounted
        failure.compareAndSet(null, t);
        next.set(tasks);
      } finally {
        BUSY.set(false);
      }
    }

    void await() {
      boolean interrupted = false;
      while (true) {
        try {
          done.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true; // the other tasks write to our arrays: wait for them all the same
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      Throwable t = failure.get();
      if (t != null) {
        rethrow(t);
      }
    }

    /** Throws what the body threw, even what it could not declare. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> void rethrow(Throwable t) throws E {
      throw (E) t;
    }
  }
}
