"""Compares features that Java wrote with librosa's, over real clips of 48 kHz.

    F="java -jar examples/target/cadenza-ser.jar features --set n_fft=1024 --set win_length=512 --set window=hamming"
    $F --set n_mfcc=40 --out OUT/mfcc CLIP.wav ...
    $F --preset librosa-logmel --set hop_length=256 --set ref=max --out OUT/logmel CLIP.wav ...
    java -jar examples/target/cadenza-ser.jar features --preset librosa-logmel --set top_db=None --out OUT/full CLIP.wav ...
    python tools/golden/audio_dsp_compare.py OUT CLIP.wav ...

Prints the largest difference of each preset; librosa 0.11.
"""
import os
import sys
import warnings

import librosa
import numpy as np
import soundfile

warnings.simplefilter("ignore")
RATE = 48000


def presets(y):
    common = dict(sr=RATE, n_fft=1024, win_length=512, window="hamming", n_mels=128, fmax=24000)
    yield "mfcc", librosa.feature.mfcc(y=y, n_mfcc=40, hop_length=512, **common)
    mel = librosa.feature.melspectrogram(y=y, hop_length=256, **common)
    yield "logmel", librosa.power_to_db(mel, ref=np.max)
    yield "full", librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=RATE), top_db=None)


worst = {}
for path in sys.argv[2:]:
    y, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    for name, want in presets(y.mean(axis=1)):
        got = np.load(os.path.join(sys.argv[1], name, os.path.basename(path)[:-4] + ".npy"))
        assert got.shape == want.shape, (path, name, got.shape, want.shape)
        difference = float(np.abs(got - want).max())
        worst[name] = max(worst.get(name, (0, "")), (difference, path))
for name, (difference, path) in worst.items():
    print(f"{name:8} {difference:.2e}  over {len(sys.argv) - 2} clips, at {path}")
