package dev.cadenza.examples.ser;

import dev.cadenza.examples.ser.RavdessName.Channel;
import dev.cadenza.examples.ser.RavdessName.Modality;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The clips of a data set, each of them once.
 *
 * <p>Copies are dropped by name and by content, because a copy in the test part of a split is a
 * leak: RAVDESS itself holds one pair of identical clips under two names, and archives in the wild
 * hold every file twice. Clips are ordered by name, so that neither the order of a directory nor
 * the kind of container has an influence on a split.
 *
 * <p>Archives stay packed: clips are read from within them. They stay open until {@link #close}.
 */
public final class Corpus implements AutoCloseable {

  /** Far above any clip (5 s at 48 kHz take 0.5 MB); what is larger is no clip and is not read. */
  private static final int MAX_CLIP_BYTES = 64 << 20;

  private static final int MAX_NESTED_ARCHIVES = 3;

  private final List<Clip> clips;
  private final Discovery discovery;
  private final List<FileSystem> archives;

  private Corpus(List<Clip> clips, Discovery discovery, List<FileSystem> archives) {
    this.clips = List.copyOf(clips);
    this.discovery = discovery;
    this.archives = archives;
  }

  /**
   * What the search found besides the clips.
   *
   * @param audioFiles number of {@code .wav} and {@code .flac} files seen
   * @param duplicateNames files dropped because a clip of that name is already there
   * @param duplicateContents files dropped because a clip with the same bytes is already there
   * @param otherChannels files left out because their vocal channel (song) was not asked for
   * @param skipped files that cannot be used, each with the reason
   */
  public record Discovery(
      int audioFiles,
      int duplicateNames,
      int duplicateContents,
      int otherChannels,
      List<String> skipped) {}

  /** The speech clips in a folder or an archive; see {@link #open(Path, Set)}. */
  public static Corpus open(Path data) throws IOException {
    return open(data, EnumSet.of(Channel.SPEECH));
  }

  /**
   * Finds the audio-only clips in a folder and all folders and archives below it, or in a zip
   * archive. Files that cannot be used are listed in {@link #discovery()}.
   *
   * @param data a folder, or a file like {@code Audio_Speech_Actors_01-24.zip}
   * @param channels the vocal channels wanted
   * @throws IOException with one line that says what is wrong with {@code data}, also if it holds
   *     no clip
   */
  public static Corpus open(Path data, Set<Channel> channels) throws IOException {
    if (!Files.exists(data)) {
      throw new IOException(
          "data: "
              + data
              + " does not exist, expected the folder of the clips or the downloaded zip file");
    }
    Search search = new Search();
    try {
      if (Files.isDirectory(data)) {
        search.folder(data, data.toString());
      } else {
        search.archive(data, data.toString(), 1);
      }
      Corpus corpus = search.corpus(channels);
      if (corpus.clips.isEmpty()) {
        throw noClips(data, corpus.discovery);
      }
      return corpus;
    } catch (IOException | RuntimeException e) {
      closeAll(search.archives);
      throw e;
    }
  }

  /**
   * A corpus of files in memory, treated like files on disk.
   *
   * @param files content by file name; not copied
   */
  public static Corpus inMemory(Map<String, byte[]> files) {
    Search search = new Search();
    files.forEach(
        (name, bytes) -> search.found.add(new Found(name, "memory:" + name, () -> bytes)));
    return search.corpus(EnumSet.allOf(Channel.class));
  }

  /** The clips, ordered by name. */
  public List<Clip> clips() {
    return clips;
  }

  /** The actors that have clips, ascending. */
  public SortedSet<Integer> actors() {
    return actorsOf(clips);
  }

  static SortedSet<Integer> actorsOf(List<Clip> clips) {
    SortedSet<Integer> actors = new TreeSet<>();
    clips.forEach(clip -> actors.add(clip.actor()));
    return actors;
  }

  /** What was dropped and skipped. */
  public Discovery discovery() {
    return discovery;
  }

  /**
   * Identifies the data: hexadecimal SHA-256 over the names and content hashes of all clips. The
   * same for a folder and an archive of the same files.
   */
  public String fingerprint() {
    MessageDigest digest = sha256();
    for (Clip clip : clips) {
      String line = clip.name().stem() + " " + clip.sha256() + "\n";
      digest.update(line.getBytes(StandardCharsets.US_ASCII));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** One line: how many clips of how many actors, and what was left out. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    text.append(clips.size()).append(" clips of ").append(actors().size()).append(" actors");
    left(text, discovery.duplicateNames, "dropped as duplicates by name");
    left(text, discovery.duplicateContents, "dropped as duplicates by content");
    left(text, discovery.otherChannels, "left out as song");
    left(text, discovery.skipped.size(), "skipped as unusable");
    return text.toString();
  }

  private static void left(StringBuilder text, int count, String why) {
    if (count > 0) {
      text.append("; ").append(count).append(' ').append(why);
    }
  }

  /** Closes the archives; clips within them can no longer be read. */
  @Override
  public void close() throws IOException {
    closeAll(archives);
  }

  private static void closeAll(List<FileSystem> archives) throws IOException {
    // The inner of two nested archives was opened last and reads from the outer one.
    for (int i = archives.size() - 1; i >= 0; i--) {
      archives.get(i).close();
    }
  }

  private static IOException noClips(Path data, Discovery discovery) {
    String seen =
        discovery.audioFiles == 0
            ? "no .wav or .flac file"
            : discovery.audioFiles + " audio files, none usable";
    if (discovery.otherChannels > 0) {
      seen += ", " + discovery.otherChannels + " of them song";
    }
    if (!discovery.skipped.isEmpty()) {
      seen += ", first skipped: " + discovery.skipped.get(0);
    }
    return new IOException(
        "data: no clip in "
            + data
            + " ("
            + seen
            + "), expected files named like 03-01-06-01-02-01-12.wav");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** A file that may become a clip. */
  private record Found(String fileName, String location, Clip.Source source) {}

  /** Walks folders and archives, which are file systems to Java, and collects audio files. */
  private static final class Search {
    private final List<Found> found = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<FileSystem> archives = new ArrayList<>();

    void folder(Path root, String location) throws IOException {
      walk(root, root, location, 0);
    }

    void archive(Path file, String location, int depth) throws IOException {
      FileSystem archive;
      try {
        archive = FileSystems.newFileSystem(file, (ClassLoader) null);
      } catch (ProviderNotFoundException | IllegalArgumentException | IOException e) {
        throw new IOException("data: " + location + " is neither a folder nor a zip file", e);
      }
      archives.add(archive);
      for (Path root : archive.getRootDirectories()) {
        walk(root, root, location, depth);
      }
    }

    private void walk(Path start, Path root, String location, int depth) throws IOException {
      Files.walkFileTree(
          start,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String relative = root.relativize(file).toString().replace('\\', '/');
              visit(file, location + "/" + relative, depth);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              skipped.add(file + " cannot be read");
              return FileVisitResult.CONTINUE;
            }
          });
    }

    private void visit(Path file, String location, int depth) {
      String name = file.getFileName().toString();
      String lower = name.toLowerCase(Locale.ROOT);
      if (name.startsWith(".")) {
        return; // "._x.wav" holds what macOS knows about x.wav, not sound
      }
      if (lower.endsWith(".wav") || lower.endsWith(".flac")) {
        found.add(new Found(name, location, () -> bytes(file)));
      } else if (lower.endsWith(".zip")) {
        try {
          if (depth == MAX_NESTED_ARCHIVES) {
            throw new IOException("archives nested too deeply");
          }
          archive(file, location, depth + 1);
        } catch (IOException e) {
          skipped.add(location + " is not a readable zip file");
        }
      }
    }

    private static byte[] bytes(Path file) throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_CLIP_BYTES + 1);
        if (bytes.length > MAX_CLIP_BYTES) {
          throw new IOException("larger than " + (MAX_CLIP_BYTES >> 20) + " MB");
        }
        return bytes;
      }
    }

    Corpus corpus(Set<Channel> channels) {
      Map<String, Clip> clips = new TreeMap<>();
      Set<String> contents = new HashSet<>();
      int duplicateNames = 0;
      int duplicateContents = 0;
      int otherChannels = 0;
      found.sort(Comparator.comparing(Found::fileName).thenComparing(Found::location));
      for (Found file : found) {
        try {
          RavdessName name = RavdessName.parse(file.fileName);
          if (name.modality() != Modality.AUDIO) {
            skipped.add(file.location + " holds the sound of a video, the same take as audio-only");
          } else if (!channels.contains(name.channel())) {
            otherChannels++;
          } else if (clips.containsKey(name.stem())) {
            duplicateNames++;
          } else {
            byte[] bytes = file.source.read();
            String hash = HexFormat.of().formatHex(sha256().digest(bytes));
            if (bytes.length == 0) {
              skipped.add(file.location + " is empty");
            } else if (contents.add(hash)) {
              clips.put(name.stem(), new Clip(name, file.location, hash, file.source));
            } else {
              duplicateContents++;
            }
          }
        } catch (IllegalArgumentException e) {
          skipped.add(file.location + " is no clip: " + e.getMessage());
        } catch (IOException e) {
          skipped.add(file.location + " cannot be read: " + e.getMessage());
        }
      }
      skipped.sort(Comparator.naturalOrder());
      return new Corpus(
          List.copyOf(clips.values()),
          new Discovery(
              found.size(), duplicateNames, duplicateContents, otherChannels, List.copyOf(skipped)),
          archives);
    }
  }
}
