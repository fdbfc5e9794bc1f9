"""Golden values for augmentation: librosa's phase vocoder and pitch shift, scipy's Butterworth filters, a room by the
image method, a vocal tract by the warp of Jaitly and Hinton (2013).

    python tools/golden/audio_augment_goldens.py

writes audio_augment.npz and audio_augment_cases.tsv into audio/src/test/resources/golden, as audio_dsp_goldens.py does.
Signals are those of audio_dsp.npz.
"""
import itertools
import os

import librosa
import numpy as np
import scipy.optimize
import scipy.signal

import audio_dsp_signals as signals

OUT = os.path.join(os.path.dirname(__file__), "../../audio/src/test/resources/golden")
ARRAYS = {}
CASES = []


def case(kind, signal, value, **settings):
    name = f"{kind}.{sum(c.startswith(kind + '.') for c in CASES):03d}"
    text = " ".join(f"{k}={v}".replace(" ", "") for k, v in settings.items())
    CASES.append(f"{name}\t{kind}\t{signal}\t{text}")
    ARRAYS[name] = np.ascontiguousarray(value, dtype=np.float32)


def band_pass(x, low, high, rate):
    b, a = scipy.signal.butter(2, low, "highpass", fs=rate)
    x = scipy.signal.lfilter(b, a, x.astype(np.float64)).astype(np.float32)
    b, a = scipy.signal.butter(2, high, "lowpass", fs=rate)
    return scipy.signal.lfilter(b, a, x.astype(np.float64))


def room(size, source, microphone, reflection, seconds, rate):
    """Images found by mirroring at one wall after the other, not by Allen and Berkley's formula."""
    images = {tuple(np.round(source, 9)): 0}
    edge = [(tuple(source), 0)]
    reach = 343 * (seconds + 0.02) + np.linalg.norm(size)
    while edge:
        position, order = edge.pop(0)
        for axis, wall in itertools.product(range(3), (0, 1)):
            mirrored = list(position)
            mirrored[axis] = 2 * wall * size[axis] - position[axis]
            key = tuple(np.round(mirrored, 9))
            if key not in images and np.linalg.norm(np.subtract(mirrored, microphone)) < reach:
                images[key] = order + 1
                edge.append((tuple(mirrored), order + 1))
    direct = np.linalg.norm(np.subtract(source, microphone))
    response = np.zeros(1 + int(np.ceil(seconds * rate)))
    for position, order in images.items():
        d = np.linalg.norm(np.subtract(position, microphone))
        at = int(np.floor((d - direct) / 343 * rate + 0.5))
        if 0 <= at < len(response):
            response[at] += reflection**order * direct / d
    return response


def warp(f, a, boundary, rate):
    """Jaitly and Hinton's formula as printed, from old to new frequencies."""
    half, knee = rate / 2, boundary * min(a, 1)
    return f * a if f <= knee / a else half - (half - knee) / (half - knee / a) * (half - f)


def vocal_tract(y, a, rate):
    """Each bin takes the magnitude from where the warp, inverted by bisection, says that it comes."""
    d = librosa.stft(y, n_fft=1024, hop_length=256)
    hz = librosa.fft_frequencies(sr=rate, n_fft=1024)
    origin = [scipy.optimize.bisect(lambda f: warp(f, a, 4800, rate) - h, -1, rate / 2 + 1, xtol=1e-10) for h in hz]
    magnitude = np.stack([np.interp(origin, hz, column) for column in np.abs(d).T], axis=1)
    return librosa.istft(magnitude * np.exp(1j * np.angle(d)), hop_length=256, length=len(y))


for name, rate in (("voice", 1.3), ("voice", 0.8), ("chord", 1.0)):
    # In double: phases add up, and those of bins that float32 transforms hardly know would stay wrong.
    y = signals.get(name).astype(np.float64)
    case("tempo", name, librosa.effects.time_stretch(y, rate=rate), rate=rate)
for factor in (1.25, 0.8, 2.0):
    # Faded in and out: at hard edges, what two resamplers do above their pass bands would show.
    y = signals.get("chord") * scipy.signal.get_window("hann", 8000)
    case("pitch", "chord", librosa.effects.pitch_shift(y, sr=8000, n_steps=12 * np.log2(factor)), factor=factor)
for a in (1.15, 0.85):
    case("vtlp", "voice", vocal_tract(signals.get("voice").astype(np.float64), a, 16000), factor=a)
for low, high in ((300, 3400), (50, 7000)):
    case("bandpass", "voice", band_pass(signals.get("voice"), low, high, 16000), low=low, high=high)
case("room", "one", room((3, 4, 2.5), (1, 1.5, 1.2), (2.2, 3, 1.6), 0.8, 0.05, 8000))

np.savez_compressed(os.path.join(OUT, "audio_augment.npz"), **ARRAYS)
with open(os.path.join(OUT, "audio_augment_cases.tsv"), "w") as f:
    f.write(f"# librosa {librosa.__version__}, scipy {scipy.__version__}, by audio_augment_goldens.py\n")
    f.write("\n".join(CASES) + "\n")
