"""Whose rounding is the difference between Kaldi's files and ours: both beside the same features in float64.

    F="java -jar examples/target/cadenza-ser.jar features KALDI/test.wav"
    $F --preset kaldi-fbank --out OUT/test
    $F --preset kaldi-fbank --set n_mels=40 --out OUT/test-40
    $F --preset kaldi-mfcc --out OUT/test-mfcc
    python tools/golden/audio_kaldi_exact.py KALDI OUT

KALDI holds test.wav and the text archives of compute-fbank-feats and compute-mfcc-feats (dither 0, else defaults). Prints
largest differences from float64. The column "float32, Kaldi's FFT" does the frames in float32 and the last stage of the
transform as Kaldi's srfft does, whose twiddles come from multiplying one by the next in float32.
"""
import os
import re
import sys

import numpy as np
import scipy.fft
import soundfile

N, WIN, HOP, RATE = 512, 400, 160, 16000


def frames(x, dtype):
    """Mean off, pre-emphasis 0.97, Povey's window, zeros to N."""
    window = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WIN) / (WIN - 1))) ** 0.85).astype(dtype)
    out = np.zeros((1 + (len(x) - WIN) // HOP, N), dtype)
    for t, row in enumerate(out):
        frame = x[t * HOP : t * HOP + WIN].astype(dtype)
        frame -= frame.mean(dtype=dtype)
        row[:WIN] = (frame - dtype(0.97) * np.concatenate([frame[:1], frame[:-1]])) * window
    return out


def kaldi_twiddles():
    root = np.complex64(np.exp(-2j * np.pi / N))
    w = np.ones(N // 2, np.complex64)
    for k in range(1, N // 4 + 1):
        w[k] = w[k - 1] * root
    w[N // 4 + 1 :] = -np.conj(w[N // 4 - 1 : 0 : -1])
    return w


def kaldi_power(f):
    half = scipy.fft.fft(f[:, 0::2] + 1j * f[:, 1::2], axis=1)
    mirrored = np.conj(np.roll(half[:, ::-1], 1, axis=1))
    out = 0.5 * (half + mirrored) - 0.5j * kaldi_twiddles() * (half - mirrored)
    return np.abs(out) ** 2


def mel_bank(n):
    mel = 1127 * np.log1p(np.arange(N // 2) * RATE / N / 700)
    low, high = 1127 * np.log1p(np.array([20, RATE / 2]) / 700)
    left = low + (high - low) / (n + 1) * np.arange(n + 2)
    rise = (mel - left[:-2, None]) / (left[1:-1] - left[:-2])[:, None]
    fall = (left[2:, None] - mel) / (left[2:] - left[1:-1])[:, None]
    return np.maximum(0, np.minimum(rise, fall))


def fbank(power, n):
    return np.log(power[:, : N // 2] @ mel_bank(n).T)


def mfcc(power, raw):
    """Defaults: 23 bands, 13 coefficients, lifter 22, the energy of the raw frame in place of the first."""
    c = scipy.fft.dct(fbank(power, 23), axis=1, norm="ortho")[:, :13]
    c *= 1 + 11 * np.sin(np.pi * np.arange(13) / 22)
    c[:, 0] = raw
    return c


def archive(path):
    rows = (re.sub(r"[^-0-9.e+ ]", " ", line).split() for line in open(path))
    return np.array([[float(v) for v in row] for row in rows if len(row) > 3])


kaldi, ours = sys.argv[1:]
x = soundfile.read(os.path.join(kaldi, "test.wav"), dtype="int16")[0].astype(np.float64)
energy = np.log([((f - f.mean()) ** 2).sum() for f in (x[i : i + WIN] for i in range(0, len(x) - WIN + 1, HOP))])
exact_power = np.abs(scipy.fft.rfft(frames(x, np.float64), axis=1)) ** 2
theirs_power = kaldi_power(frames(x, np.float32))
print(f"{'':10} {'Kaldi':>9} {'float32, Kaldi’s FFT':>22} {'Cadenza':>9}")
for name, of in (
    ("test", lambda p: fbank(p, 23)),
    ("test-40", lambda p: fbank(p, 40)),
    ("test-mfcc", lambda p: mfcc(p, energy)),
):
    exact = of(exact_power)
    got = np.load(os.path.join(ours, name, "test.npy")).T
    far = [np.abs(v - exact).max() for v in (archive(os.path.join(kaldi, name + ".txt")), of(theirs_power), got)]
    print(f"{name:10} {far[0]:9.1e} {far[1]:22.1e} {far[2]:9.1e}")
