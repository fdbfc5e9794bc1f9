"""Times the audio front end beside librosa, soxr and torchaudio: one core, one run, the same samples' count.

    mvn -q -B -ntp -DskipTests -Pbenchmarks -pl benchmarks -am package
    python tools/speed/audio_speed.py

Compares with those of the three that this Python has. Ours is the best iteration of JMH, theirs the best of 300 calls.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")
JAR = os.path.join(os.path.dirname(__file__), "../../benchmarks/target/benchmarks.jar")
MFCC = "mfcc 40x282"
LOG_MEL = "log-mel 128x563"
RATE = 48000


def ours():
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(
            ["java", "-jar", JAR, "FeatureBenchmark|ResamplerBenchmark", "-f", "1", "-wi", "8", "-i", "10",
             "-rf", "json", "-rff", out.name],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        runs = json.load(open(out.name, encoding="utf-8"))
    return {next(iter(r["params"].values())): min(min(fork) for fork in r["primaryMetric"]["rawData"]) for r in runs}


def best(call):
    call()
    times = []
    for _ in range(300):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def theirs():
    y = np.random.default_rng(1).standard_normal(3 * RATE).astype(np.float32)
    cd = np.random.default_rng(1).standard_normal(3 * 44100).astype(np.float32)
    mel = dict(n_fft=1024, win_length=512, n_mels=128)
    try:
        import librosa

        settings = dict(y=y, sr=RATE, window="hamming", fmax=24000, **mel)
        yield MFCC, f"librosa {librosa.__version__}", best(lambda: librosa.feature.mfcc(n_mfcc=40, hop_length=512, **settings))
        yield LOG_MEL, f"librosa {librosa.__version__}", best(
            lambda: librosa.power_to_db(librosa.feature.melspectrogram(hop_length=256, **settings), ref=np.max))
    except ImportError:
        pass
    try:
        import soxr

        for quality, name in (("HQ", "HIGH"), ("VHQ", "BEST")):
            yield name, f"soxr {soxr.__version__} {quality}", best(lambda: soxr.resample(cd, 44100, 16000, quality))
    except ImportError:
        pass
    try:
        import torch
        import torchaudio

        torch.set_num_threads(1)
        mfcc = torchaudio.transforms.MFCC(
            RATE, 40, melkwargs=dict(hop_length=512, f_max=24000.0, window_fn=torch.hamming_window, **mel))
        x = torch.from_numpy(y)
        yield MFCC, f"torchaudio {torchaudio.__version__}", best(lambda: mfcc(x))
    except ImportError:
        pass


os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
mine = ours()
print("| job | Cadenza, ms | beside | its ms | ratio |\n|---|---|---|---|---|")
for job, name, ms in theirs():
    print(f"| {job if job in (MFCC, LOG_MEL) else 'resample 44100 to 16000, ' + job} | {mine[job]:.3f} | {name} | {ms:.3f} | {mine[job] / ms:.2f} |")
