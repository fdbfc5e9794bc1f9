package dev.cadenza.kernel;

import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The one pool of threads that kernels compute on. Work is cut into tasks whose number and content
 * do not depend on the number of threads, and every task writes its own place, so that results are
 * bit-identical for any number of threads.
 *
 * <p>The number of threads is that of the processors, or {@code -Dcadenza.threads=n}, or what
 * {@link #use} says. The calling thread is one of them.
 */
public final class Threads {
  /** Nanoseconds that a thread waits without giving up its processor. */
  private static final long SPIN = 20_000;

  /** Nanoseconds that a thread waits before it sleeps. */
  private static final long PATIENCE = 2_000_000;

  private static final ThreadLocal<Boolean> BUSY = ThreadLocal.withInitial(() -> false);
  private static volatile int count =
      positive(Integer.getInteger("cadenza.threads", Runtime.getRuntime().availableProcessors()));
  private static final ThreadPoolExecutor POOL = pool();

  private Threads() {}

  private static int positive(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, got " + n);
    }
    return n;
  }

  private static ThreadPoolExecutor pool() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            helpers(), Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new Tasks(), Threads::worker);
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** The threads beside the calling one; the pool wants one at least. */
  private static int helpers() {
    return Math.max(1, count - 1);
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
    POOL.setCorePoolSize(helpers());
  }

  /**
   * Runs {@code body} for 0 .. tasks - 1, on several threads, and returns when all are done. Inside
   * of such a task it runs on the calling thread alone. The first exception of a task is thrown
   * here.
   */
  public static void parallelFor(int tasks, IntConsumer body) {
    run(tasks, body, false);
  }

  /**
   * {@link #parallelFor} for few and long tasks that call it themselves: what they run on several
   * threads is shared with those that have no task of their own left, the calling one included. It
   * must not hold memory of this thread that a kernel may write to.
   */
  public static void concurrently(int tasks, IntConsumer body) {
    run(tasks, body, true);
  }

  private static void run(int tasks, IntConsumer body, boolean sharing) {
    int threads = Math.min(count, tasks);
    if (threads <= 1 || BUSY.get()) {
      for (int i = 0; i < tasks; i++) {
        body.accept(i);
      }
      return;
    }
    Job job = new Job(tasks, body, sharing);
    for (int i = 1; i < threads; i++) {
      POOL.execute(job::help);
    }
    job.run();
    job.await();
  }

  /**
   * Lets some time pass without sleeping, up to {@link #PATIENCE}. A thread that is woken may start
   * on the processor of the one that wakes it, and both share that for milliseconds while another
   * is idle. Yielding gives the processor to whoever does need it.
   *
   * @param start when the wait began, by {@link System#nanoTime}
   * @return whether to go on looking
   */
  private static boolean pause(long start) {
    long passed = System.nanoTime() - start;
    if (passed < SPIN) {
      Thread.onSpinWait();
    } else if (passed < PATIENCE) {
      Thread.yield();
    }
    return passed < PATIENCE;
  }

  /** What the pool has to do. Its threads look for more for a while before they sleep. */
  private static final class Tasks extends LinkedTransferQueue<Runnable> {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
      long start = System.nanoTime();
      do {
        Runnable task = poll();
        if (task != null) {
          return task;
        }
      } while (pause(start));
      return super.poll(timeout, unit);
    }
  }

  private static final class Job {
    private static final int CLOSED = 1 << 31;

    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread owner = Thread.currentThread();
    private final int tasks;
    private final IntConsumer body;

    /** Whether tasks share their own work with other threads. */
    private final boolean sharing;

    /** The number of helpers inside, and whether more may come in. */
    private final AtomicInteger helpers = new AtomicInteger();

    Job(int tasks, IntConsumer body, boolean sharing) {
      this.tasks = tasks;
      this.body = body;
      this.sharing = sharing;
    }

    /** Helps, unless all is done already: nobody waits for a helper that wakes too late. */
    void help() {
      if (helpers.getAndUpdate(n -> n < 0 ? n : n + 1) < 0) {
        return;
      }
      run();
      if (helpers.decrementAndGet() == CLOSED) {
        LockSupport.unpark(owner);
      }
    }

    void run() {
      BUSY.set(!sharing);
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

    /** Waits for the helpers inside, even when interrupted: they write to our arrays. */
    void await() {
      boolean interrupted = false;
      helpers.getAndUpdate(n -> n | CLOSED);
      long start = System.nanoTime();
      while (helpers.get() != CLOSED) {
        Runnable other = sharing ? POOL.getQueue().poll() : null;
        if (other != null) {
          other.run();
          start = System.nanoTime();
        } else if (!pause(start)) {
          LockSupport.park(this);
          interrupted |= Thread.interrupted();
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
