"""Test signals that the golden scripts and the Java tests share.

`noise` is computed by the same integer formula on both sides. The others are made here, rounded to 16 bits and stored
with the goldens.
"""
import numpy as np


def noise(n, seed):
    """The upper 24 bits of a 32-bit linear congruential generator, in [-1, 1)."""
    state = seed
    x = np.empty(n, np.float32)
    for i in range(n):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        signed = state - (1 << 32) if state >= 1 << 31 else state
        x[i] = (signed >> 8) / (1 << 23)
    return x


def voice(n, rate, pitch):
    """A gliding harmonic tone under two resonances, with silence before it and a pause in it."""
    t = np.arange(n) / rate
    f0 = pitch * (1 + 0.2 * np.sin(2 * np.pi * 2.5 * t))
    phase = 2 * np.pi * np.cumsum(f0) / rate
    x = np.zeros(n)
    for h in range(1, 30):
        f = h * f0
        gain = 1 / (1 + ((f - 600) / 150) ** 2) + 0.5 / (1 + ((f - 1700) / 200) ** 2) + 0.02
        x += np.where(f < rate / 2, gain, 0) * np.sin(h * phase)
    x[: n // 10] = 0
    x[n // 2 : n // 2 + n // 8] = 0
    x = 0.6 * x / np.abs(x).max() + 1e-4 * noise(n, 11) * (np.arange(n) > n // 20)
    return round16(x)


def round16(x):
    return (np.round(np.clip(x, -1, 1 - 2**-15) * 32768) / 32768).astype(np.float32)


def stored():
    """Signals that the goldens carry, by name."""
    n = 4000
    square = np.where(np.arange(n) // 37 % 2 == 0, 1.0, -1.0)
    impulse = np.zeros(n)
    impulse[1234] = 1
    chord = sum(np.sin(2 * np.pi * f * np.arange(8000) / 8000) for f in (262.5, 331.0, 393.2))
    return {
        "voice": voice(6000, 16000, 130),
        "long_voice": voice(16000, 16000, 150),
        "square": square.astype(np.float32),
        "impulse": impulse.astype(np.float32),
        "quiet": (noise(n, 3) * 2.0**-20).astype(np.float32),
        "silence": np.zeros(n, np.float32),
        "one": np.array([0.5], np.float32),
        "chord": round16(0.3 * chord),
    }


def get(name):
    """A signal by the name it has in a case: `noise:n:seed`, or one of the stored ones."""
    if name.startswith("noise:"):
        _, n, seed = name.split(":")
        return noise(int(n), int(seed))
    return stored()[name]
