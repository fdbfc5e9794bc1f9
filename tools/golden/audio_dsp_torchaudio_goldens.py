"""Golden values of torchaudio's conventions, and of Kaldi's as torchaudio.compliance.kaldi writes them.

    python tools/golden/audio_dsp_torchaudio_goldens.py

writes audio_dsp_torchaudio.npz and audio_dsp_torchaudio_cases.tsv into audio/src/test/resources/golden; torchaudio 0.13.
Everything runs in double, so that the values show the conventions and not the rounding of one implementation.
"""
import os
import warnings

import numpy as np
import torch
import torchaudio
import torchaudio.compliance.kaldi as kaldi
import torchaudio.functional as F
import torchaudio.transforms as T

import audio_dsp_signals as signals

warnings.simplefilter("ignore")
OUT = os.path.join(os.path.dirname(__file__), "../../audio/src/test/resources/golden")
ARRAYS = {}
CASES = []


def case(kind, signal, value, **settings):
    name = f"{kind}.{sum(c.startswith(kind + '.') for c in CASES):03d}"
    text = " ".join(f"{k}={v}".replace(" ", "") for k, v in settings.items())
    CASES.append(f"{name}\t{kind}\t{signal}\t{text}")
    ARRAYS[name] = np.ascontiguousarray(value.numpy(), dtype=np.float32)


def tensor(signal):
    return torch.from_numpy(signals.get(signal)).double()


def linspace(start, end, steps):
    """As torch 2 rounds it, once a value; torch 1.13 rounded by blocks of the machine's vector width."""
    step = float(np.float32(np.float32(end) - np.float32(start)) / np.float32(steps - 1))
    i = np.arange(steps, dtype=np.float64)
    low = float(np.float32(start)) + i * step
    high = float(np.float32(end)) - (steps - 1 - i) * step
    return torch.from_numpy(np.where(i < steps // 2, low, high).astype(np.float32))


torch.linspace = linspace


def in_double(mel):
    """torchaudio rounds its windows to float, which shows 80 dB below the loudest band; the filters stay as they are."""
    mel = mel.double()
    mel.spectrogram.window = torch.hann_window(mel.n_fft, dtype=torch.double)
    return mel


for signal, sr, n_fft, hop, n_mels in (
    ("voice", 16000, 400, 200, 40), ("voice", 16000, 512, 160, 23), ("noise:3000:5", 22050, 401, 300, 20),
    ("voice", 48000, 1024, 512, 40), ("quiet", 8000, 256, 128, 20), ("silence", 16000, 512, 600, 20),
    ("voice", 11025, 512, 400, 20),
):
    mel = in_double(T.MelSpectrogram(sample_rate=sr, n_fft=n_fft, hop_length=hop, n_mels=n_mels))
    db = T.AmplitudeToDB()(mel(tensor(signal)))
    case("torchaudio_logmel", signal, db, sr=sr, n_fft=n_fft, hop_length=hop, n_mels=n_mels)
    own = T.MFCC(
        sample_rate=sr, n_mfcc=13, melkwargs=dict(n_fft=n_fft, hop_length=hop, n_mels=n_mels)
    ).double()
    case("torchaudio_mfcc", signal, own(tensor(signal)), n_mfcc=13, sr=sr, n_fft=n_fft, hop_length=hop, n_mels=n_mels)
case("torchaudio_logmel", "voice", T.AmplitudeToDB()(in_double(T.MelSpectrogram())(tensor("voice"))))
case("torchaudio_mfcc", "voice", T.MFCC().double()(tensor("voice")))

for signal in ("voice", "noise:3000:5", "silence"):
    x = (tensor(signal) * 32768).unsqueeze(0)
    for snip in (True, False):
        for sr in (16000, 8000):
            common = dict(dither=0.0, snip_edges=snip, sample_frequency=float(sr))
            case("kaldi_fbank", signal, kaldi.fbank(x, energy_floor=0.0, **common).T, sr=sr, snip_edges=snip)
            case("kaldi_mfcc", signal, kaldi.mfcc(x, use_energy=True, energy_floor=0.0, **common).T, sr=sr, snip_edges=snip)
    case("kaldi_mfcc", signal, kaldi.mfcc(x, dither=0.0, energy_floor=0.0).T, sr=16000, snip_edges=True, use_energy=False)
    case("kaldi_fbank", signal, kaldi.fbank(x, dither=0.0, energy_floor=0.0, use_energy=True, num_mel_bins=40).T,
         sr=16000, snip_edges=True, energy="first", n_mels=40)
    case("kaldi_fbank", signal, kaldi.fbank(x, dither=0.0, energy_floor=0.0, use_energy=True, htk_compat=True).T,
         sr=16000, snip_edges=True, energy="last")
    case("kaldi_spectrogram", signal, kaldi.spectrogram(x, dither=0.0, energy_floor=0.0).T[::8], sr=16000, snip_edges=True)

x = torch.from_numpy(signals.noise(150, 12)).reshape(5, 30).double()
for window in (1, 2, 4):
    case("regression", "noise:150:12", F.compute_deltas(x, win_length=2 * window + 1), window=window)
for window, variance in ((600, False), (600, True), (10, False), (10, True)):
    value = F.sliding_window_cmn(x.T, cmn_window=window, center=True, norm_vars=variance).T
    case("cmvn", "noise:150:12", value, window=window, variance=variance)

os.makedirs(OUT, exist_ok=True)
np.savez_compressed(os.path.join(OUT, "audio_dsp_torchaudio.npz"), **ARRAYS)
with open(os.path.join(OUT, "audio_dsp_torchaudio_cases.tsv"), "w", encoding="utf-8") as file:
    file.write(f"# torchaudio {torchaudio.__version__}, torch {torch.__version__}, numpy {np.__version__}\n")
    file.write("\n".join(CASES) + "\n")
print(f"{len(CASES)} cases, {os.path.getsize(os.path.join(OUT, 'audio_dsp_torchaudio.npz'))} bytes")
