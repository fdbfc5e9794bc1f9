package dev.cadenza.audio;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** Random access to the bytes of a file, or of a stream that was read into memory. */
abstract class ByteSource implements Closeable {

  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private final String name;
  private final long size;

  private ByteSource(String name, long size) {
    this.name = name;
    this.size = size;
  }

  static ByteSource open(Path file) throws IOException {
    String name = file.toString();
    if (Files.isDirectory(file)) {
      throw new AudioFormatException(name, 0, "is a directory, expected an audio file");
    }
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        // A pipe, which has no positions.
        try (InputStream in = Files.newInputStream(file)) {
          return read(in, name);
        }
      }
      return new OfFile(name, FileChannel.open(file));
    } catch (NoSuchFileException e) {
      throw withReason(new NoSuchFileException(name, null, "no such file"), e);
    } catch (AccessDeniedException e) {
      throw withReason(new AccessDeniedException(name, null, "no permission to read it"), e);
    }
  }

  /** Takes memory as bytes arrive, whatever sizes the content claims. */
  static ByteSource read(InputStream in, String name) throws IOException {
    byte[] bytes = in.readNBytes(MAX_ARRAY);
    if (bytes.length == MAX_ARRAY && in.read() >= 0) {
      throw new AudioFormatException(
          name, MAX_ARRAY, "a stream of more than %d bytes, expected a file", MAX_ARRAY);
    }
    return new OfMemory(name, bytes);
  }

  private static IOException withReason(IOException clear, IOException cause) {
    clear.initCause(cause);
    return clear;
  }

  /** As messages call it. */
  final String name() {
    return name;
  }

  /** In bytes. */
  final long size() {
    return size;
  }

  /** Reads {@code length} bytes, or fewer where the source ends, and returns how many. */
  abstract int read(long position, byte[] to, int offset, int length) throws IOException;

  /** The bytes from {@code position} on, {@code length} of them or fewer where the source ends. */
  final byte[] read(long position, int length) throws IOException {
    byte[] bytes = new byte[(int) Math.max(0, Math.min(length, size - position))];
    int n = read(position, bytes, 0, bytes.length);
    return n == bytes.length ? bytes : Arrays.copyOf(bytes, n);
  }

  /** A stream over all bytes; closing it leaves the source open. */
  final InputStream stream() {
    return new BufferedInputStream(new Cursor());
  }

  @Override
  public void close() throws IOException {}

  private final class Cursor extends InputStream {
    private long position;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int n = ByteSource.this.read(position, to, offset, length);
      position += n;
      return n == 0 && length > 0 ? -1 : n;
    }

    @Override
    public long skip(long n) {
      long skipped = Math.max(0, Math.min(n, size - position));
      position += skipped;
      return skipped;
    }

    @Override
    public int available() {
      return (int) Math.min(Integer.MAX_VALUE, Math.max(0, size - position));
    }
  }

  private static final class OfFile extends ByteSource {
    private final FileChannel channel;

    OfFile(String name, FileChannel channel) throws IOException {
      super(name, channel.size());
      this.channel = channel;
    }

    @Override
    int read(long position, byte[] to, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(to, offset, length);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, position + buffer.position() - offset) < 0) {
          break;
        }
      }
      return buffer.position() - offset;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static final class OfMemory extends ByteSource {
    private final byte[] bytes;

    OfMemory(String name, byte[] bytes) {
      super(name, bytes.length);
      this.bytes = bytes;
    }

    @Override
    int read(long position, byte[] to, int offset, int length) {
      int n = (int) Math.max(0, Math.min(length, bytes.length - position));
      if (n > 0) {
        System.arraycopy(bytes, (int) position, to, offset, n);
      }
      return n;
    }
  }
}
