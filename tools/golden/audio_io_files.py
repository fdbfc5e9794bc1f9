"""Small audio files by other people's encoders, for AudioFile's tests.

    python tools/golden/audio_io_files.py

FLAC by flac 1.4.2, Ogg Vorbis by libsndfile 1.2.0 (soundfile 0.13). The signal is whole numbers
only, and GoldenFilesTest computes it too: channel c of frame n is a triangle of period 97 + 10 c and
half the full scale, plus a little noise from a linear congruential generator.
"""

import pathlib
import subprocess
import tempfile

import numpy as np
import soundfile

FOLDER = pathlib.Path(__file__).parents[2] / "audio/src/test/resources/golden/audio-io"


def signal(frames, channels, bits):
    x = np.zeros((frames, channels), dtype=np.int64)
    state = 1
    for n in range(frames):
        for c in range(channels):
            state = (state * 1103515245 + 12345) % 2**31
            period = 97 + 10 * c
            step = n % period
            triangle = 2 * abs(2 * step - period) - period
            half = 2 ** (bits - 2)
            x[n, c] = triangle * half // period + (state >> 16) % (half // 16 + 1)
    return x


def flac(name, frames, channels, bits, rate, *options, keep=None):
    x = signal(frames, channels, bits)
    if keep is not None:
        x = keep(x)
    width = (bits + 7) // 8
    raw = b"".join(int(v).to_bytes(width, "little", signed=True) for v in x.ravel())
    command = ["flac", "--silent", "--force", "--force-raw-format", "--endian=little"]
    command += ["--sign=signed", f"--channels={channels}", f"--bps={bits}"]
    command += [f"--sample-rate={rate}", "--no-padding", *options]
    with tempfile.NamedTemporaryFile() as file:  # of a pipe flac would not know the length
        file.write(raw)
        file.flush()
        subprocess.run([*command, "-o", str(FOLDER / name), file.name], check=True)
    (FOLDER / name).chmod(0o644)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    flac("mono-8.flac", 1000, 1, 8, 8000, "-0", "--no-seektable")
    flac("stereo-16.flac", 3000, 2, 16, 44100, "-8", "-b256", "-S6x")
    flac("stereo-24.flac", 700, 2, 24, 96000, "-8", "--lax", "-l32", "-b350", "--no-seektable")
    flac("stereo-32.flac", 500, 2, 32, 192000, "-5", "--lax", "--no-seektable")
    flac("six-16.flac", 300, 6, 16, 48000, "-3", "--no-seektable")
    flac("wasted-16.flac", 500, 1, 16, 16000, "-5", "--no-seektable", keep=lambda x: x // 16 * 16)
    flac("silence-16.flac", 5000, 2, 16, 37800, "-5", "--no-seektable", keep=lambda x: x * 0)
    x = signal(4000, 1, 16) / 32768
    soundfile.write(FOLDER / "mono.ogg", x, 22050, format="OGG", subtype="VORBIS")


if __name__ == "__main__":
    main()
