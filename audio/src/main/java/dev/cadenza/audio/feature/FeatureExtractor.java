package dev.cadenza.audio.feature;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.Decoded;
import dev.cadenza.audio.dsp.Check;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Features of many files, on several threads: each file is read, mixed to mono, resampled where its
 * rate is not that of the features, and transformed. A file that cannot be used is listed and
 * skipped.
 *
 * <pre>{@code
 * FeatureExtractor extractor = FeatureExtractor.of(Mfcc.librosa().nMfcc(40));
 * FeatureExtractor.Batch batch = extractor.extract(AudioFile.list(folder));
 * batch.features().forEach((file, features) -> ...);
 * batch.failures().forEach(failure -> ...);
 * }</pre>
 *
 * <p>Results do not depend on the number of threads. Immutable and thread-safe.
 */
public final class FeatureExtractor {
  private final IntFunction<? extends FeatureTransform> transforms;
  private final int threads;
  private final Progress progress;

  /**
   * What became of one file.
   *
   * @param file as it was given
   * @param audio its sound as the transform saw it: mono, at the transform's rate
   * @param transform what made the features
   * @param features the features
   * @param warnings what was wrong with the file and did not prevent reading, one line each
   */
  public record Result(
      Path file,
      Audio audio,
      FeatureTransform transform,
      Features features,
      List<String> warnings) {}

  /** A file that could not be used, and why. */
  public record Failure(Path file, Exception cause) {}

  /**
   * The features of many files.
   *
   * @param features of those that could be used, in the order in which they were given
   * @param failures the others, in that order
   */
  public record Batch(Map<Path, Features> features, List<Failure> failures) {}

  /** Takes results as they are made; an exception makes a failure of the file. */
  @FunctionalInterface
  public interface Sink {
    /** Called by several threads at once, in no particular order. */
    void accept(Result result) throws IOException;
  }

  /** Hears how far a batch has got. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after each file, by one thread at a time; {@code done} counts from 1 to {@code of}.
     */
    void done(int done, int of);
  }

  private FeatureExtractor(
      IntFunction<? extends FeatureTransform> transforms, int threads, Progress progress) {
    this.transforms = transforms;
    this.threads = threads;
    this.progress = progress;
  }

  /** Every file at the sample rate of the transform. */
  public static FeatureExtractor of(FeatureTransform transform) {
    return byRate(rate -> transform);
  }

  /**
   * Every file at its own sample rate: {@code byRate(Mfcc::kaldi)}, {@code
   * byRate(LogMel.librosa()::sampleRate)}.
   *
   * @param transforms from a rate in Hz to the transform for it; asked once for each rate of a
   *     batch. Where that has another rate, files are resampled to it.
   */
  public static FeatureExtractor byRate(IntFunction<? extends FeatureTransform> transforms) {
    return new FeatureExtractor(
        transforms, Runtime.getRuntime().availableProcessors(), (done, of) -> {});
  }

  /** Number of threads; that of the processors unless set. */
  public FeatureExtractor threads(int threads) {
    Check.atLeast("extractor", "threads", threads, 1);
    return new FeatureExtractor(transforms, threads, progress);
  }

  /** Who hears of progress. */
  public FeatureExtractor progress(Progress progress) {
    return new FeatureExtractor(transforms, threads, progress);
  }

  /**
   * The features of all files, kept in memory.
   *
   * @throws InterruptedException if this thread is interrupted; the batch stops
   */
  public Batch extract(List<Path> files) throws InterruptedException {
    Map<Path, Features> made = new ConcurrentHashMap<>();
    List<Failure> failures = each(files, result -> made.put(result.file, result.features));
    Map<Path, Features> ordered = new LinkedHashMap<>();
    files.stream().filter(made::containsKey).forEach(file -> ordered.put(file, made.get(file)));
    return new Batch(Collections.unmodifiableMap(ordered), failures);
  }

  /**
   * Makes the features of all files and hands each to {@code sink} at once, so that memory does not
   * grow with the batch.
   *
   * @return the files that could not be used, in the order in which they were given
   * @throws InterruptedException if this thread is interrupted; the batch stops
   */
  public List<Failure> each(List<Path> files, Sink sink) throws InterruptedException {
    Run run = new Run(List.copyOf(files), sink);
    int workers = Math.max(1, Math.min(threads, files.size()));
    ExecutorService pool = Executors.newFixedThreadPool(workers, FeatureExtractor::thread);
    try {
      for (Future<?> worker : pool.invokeAll(Collections.nCopies(workers, run))) {
        worker.get();
      }
    } catch (ExecutionException e) {
      throw unexpected(Objects.requireNonNull(e.getCause()));
    } finally {
      pool.shutdownNow();
    }
    return List.copyOf(run.failures.values());
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "cadenza-features");
    thread.setDaemon(true);
    return thread;
  }

  /** What is no file's fault: an error, or an exception of the one who hears of progress. */
  private static RuntimeException unexpected(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
  }

  /** One batch; all workers call it and take file after file. */
  private final class Run implements Callable<Void> {
    private final List<Path> files;
    private final Sink sink;
    private final AtomicInteger next = new AtomicInteger();
    private final Map<Integer, FeatureTransform> byRate = new ConcurrentHashMap<>();
    private final Map<Integer, Failure> failures = new ConcurrentSkipListMap<>();
    private int done;

    Run(List<Path> files, Sink sink) {
      this.files = files;
      this.sink = sink;
    }

    @Override
    public Void call() {
      for (int i = next.getAndIncrement();
          i < files.size() && !Thread.currentThread().isInterrupted();
          i = next.getAndIncrement()) {
        try {
          sink.accept(result(files.get(i)));
        } catch (IOException | RuntimeException e) {
          failures.put(i, new Failure(files.get(i), e));
        }
        report();
      }
      return null;
    }

    private Result result(Path file) throws IOException {
      Decoded decoded = AudioFile.decode(file);
      Audio mono = decoded.audio().mono();
      FeatureTransform transform = byRate.computeIfAbsent(mono.sampleRate(), transforms::apply);
      Audio heard = mono.resample(transform.sampleRate());
      Features features = transform.apply(heard.samples());
      return new Result(file, heard, transform, features, decoded.warnings());
    }

    private synchronized void report() {
      progress.done(++done, files.size());
    }
  }
}
