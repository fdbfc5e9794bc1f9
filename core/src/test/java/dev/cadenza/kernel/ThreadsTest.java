package dev.cadenza.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadsTest {
  private final int before = Threads.count();

  @AfterEach
  void restore() {
    Threads.use(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void every_task_runs_once(int threads) {
    Threads.use(threads);
    for (int tasks : new int[] {0, 1, 2, 7, 64, 1021}) {
      AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
      Threads.parallelFor(tasks, runs::incrementAndGet);
      for (int i = 0; i < tasks; i++) {
        assertThat(runs.get(i)).isEqualTo(1);
      }
    }
  }

  @Test
  void several_threads_take_part() throws InterruptedException {
    Threads.use(3);
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(3);
    Threads.parallelFor(
        3,
        i -> {
          seen.add(Thread.currentThread());
          all.countDown();
          await(all); // goes on only once all three run at the same time
        });
    assertThat(seen).hasSize(3).contains(Thread.currentThread());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void an_exception_of_a_task_is_thrown_and_ends_the_rest(int threads) {
    Threads.use(threads);
    AtomicInteger runs = new AtomicInteger();
    assertThatThrownBy(
            () ->
                Threads.parallelFor(
                    100_000,
                    i -> {
                      runs.incrementAndGet();
                      if (i == 3) {
                        throw new IllegalArgumentException("task 3");
                      }
                      if (i > 3) {
                        LockSupport.parkNanos(1_000_000); // 20 s for all: time enough to throw
                      }
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("task 3");
    assertThat(runs.get()).isLessThan(100_000);
    AtomicInteger after = new AtomicInteger();
    Threads.parallelFor(50, i -> after.incrementAndGet()); // the pool is still good
    assertThat(after).hasValue(50);
  }

  @Test
  void an_error_of_a_task_is_thrown() {
    Threads.use(2);
    assertThatThrownBy(
            () ->
                Threads.parallelFor(
                    10,
                    i -> {
                      throw new StackOverflowError("deep");
                    }))
        .isInstanceOf(StackOverflowError.class);
  }

  /** Java lets a lambda throw a checked exception behind the compiler's back. */
  @Test
  void a_checked_exception_in_disguise_does_not_hang() {
    Threads.use(2);
    Thread caller = Thread.currentThread();
    CountDownLatch thrown = new CountDownLatch(1);
    assertThatThrownBy(
            () ->
                Threads.parallelFor(
                    2,
                    i -> {
                      if (Thread.currentThread() == caller) {
                        await(thrown);
                      } else {
                        thrown.countDown();
                        sneak(new IOException("task"));
                      }
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("task");
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> void sneak(Throwable t) throws E {
    throw (E) t;
  }

  @Test
  void inside_of_a_task_work_stays_on_its_thread() {
    Threads.use(3);
    AtomicInteger runs = new AtomicInteger();
    Threads.parallelFor(
        8,
        i -> {
          Thread mine = Thread.currentThread();
          Threads.parallelFor(
              5,
              j -> {
                assertThat(Thread.currentThread()).isSameAs(mine);
                runs.incrementAndGet();
              });
        });
    assertThat(runs).hasValue(40);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void concurrent_tasks_run_once_and_so_do_theirs(int threads) {
    Threads.use(threads);
    AtomicIntegerArray runs = new AtomicIntegerArray(3 * 64);
    for (int round = 1; round <= 50; round++) {
      Threads.concurrently(3, i -> Threads.parallelFor(64, j -> runs.incrementAndGet(i * 64 + j)));
      for (int i = 0; i < runs.length(); i++) {
        assertThat(runs.get(i)).isEqualTo(round);
      }
    }
  }

  @Test
  void a_caller_without_a_task_helps_with_those_of_others() {
    Threads.use(2);
    Thread caller = Thread.currentThread();
    CountDownLatch outer = new CountDownLatch(2);
    CountDownLatch inner = new CountDownLatch(2);
    Threads.concurrently(
        2,
        i -> {
          outer.countDown();
          await(outer); // one task for each thread
          if (Thread.currentThread() != caller) {
            Threads.parallelFor(
                2,
                j -> {
                  inner.countDown();
                  await(inner); // takes two threads at the same time
                });
          }
        });
    assertThat(inner.getCount()).isZero();
  }

  @Test
  void an_exception_inside_of_a_concurrent_task_is_thrown() {
    Threads.use(2);
    assertThatThrownBy(
            () ->
                Threads.concurrently(
                    3,
                    i ->
                        Threads.parallelFor(
                            4,
                            j -> {
                              if (i == 2 && j == 3) {
                                throw new IllegalArgumentException("task 3 of 2");
                              }
                            })))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("task 3 of 2");
  }

  @Test
  void an_interrupted_caller_waits_and_stays_interrupted() {
    Threads.use(2);
    AtomicInteger runs = new AtomicInteger();
    Thread.currentThread().interrupt();
    Threads.parallelFor(100, i -> runs.incrementAndGet());
    assertThat(Thread.interrupted()).isTrue();
    assertThat(runs).hasValue(100);
  }

  @Test
  void the_number_of_threads_is_positive() {
    assertThatThrownBy(() -> Threads.use(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads: expected at least 1, got 0");
    Threads.use(5);
    assertThat(Threads.count()).isEqualTo(5);
  }
}
