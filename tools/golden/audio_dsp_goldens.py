"""Golden values for the audio module's signal processing: librosa 0.11, scipy, numpy.

    python tools/golden/audio_dsp_goldens.py

writes audio_dsp.npz and audio_dsp_cases.tsv into audio/src/test/resources/golden. A case is one line: its name, what is
computed, the signal, and the settings by their names in Python.
"""
import os
import warnings

import librosa
import numpy as np
import scipy.fft
import scipy.signal

import audio_dsp_signals as signals

warnings.simplefilter("ignore")
OUT = os.path.join(os.path.dirname(__file__), "../../audio/src/test/resources/golden")
ARRAYS = {"signal." + name: x for name, x in signals.stored().items()}
CASES = []


def case(kind, signal, value, **settings):
    name = f"{kind}.{sum(c.startswith(kind + '.') for c in CASES):03d}"
    text = " ".join(f"{k}={v}".replace(" ", "") for k, v in settings.items())
    CASES.append(f"{name}\t{kind}\t{signal}\t{text}")
    ARRAYS[name] = np.ascontiguousarray(value, dtype=np.float32)


def python_value(value):
    return np.max if value == "max" else value


def mel_settings(settings):
    s = dict(settings)
    if "window" in s and "(" in s["window"]:
        name, parameter = s["window"][:-1].split("(")
        s["window"] = (name, float(parameter))
    if "norm" in s:
        s["norm"] = None if s["norm"] == "None" else s["norm"]
    log = {k: python_value(s.pop(k)) for k in ("ref", "amin", "top_db") if k in s}
    return s, log


def logmel(signal, **settings):
    s, log = mel_settings(settings)
    mel = librosa.feature.melspectrogram(y=signals.get(signal), **s)
    case("logmel", signal, librosa.power_to_db(mel, **log), **settings)


def mfcc(signal, **settings):
    s, log = mel_settings(settings)
    own = {k: s.pop(k) for k in ("n_mfcc", "dct_type", "lifter") if k in s}
    mel = librosa.feature.melspectrogram(y=signals.get(signal), **s)
    db = librosa.power_to_db(mel, **log)
    case("mfcc", signal, librosa.feature.mfcc(S=db, **own), **settings)


def mel_cases():
    small = dict(n_mels=20)
    for rate in (8000, 11025, 16000, 22050, 44100, 48000, 96000):
        logmel("voice", sr=rate, n_fft=512, hop_length=160, **small)
        logmel("noise:3000:5", sr=rate, n_fft=400, hop_length=200, **small)
        mfcc("voice", sr=rate, n_fft=512, hop_length=256, n_mfcc=13, n_mels=26)
    for n_fft in (63, 64, 100, 127, 240, 255, 257, 399, 400, 441, 480, 625, 729, 882, 1001, 1021, 1024, 1025, 1200, 2047):
        logmel("voice", sr=16000, n_fft=n_fft, hop_length=301, n_mels=12)
    for hop in (1, 37, 100, 511, 513, 1000, 4001):
        n = 300 if hop == 1 else 4000
        logmel(f"noise:{n}:9", sr=22050, n_fft=512, hop_length=hop, n_mels=10)
    for window in (
        "hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop", "bartlett", "triang", "cosine", "boxcar",
        "kaiser(8.6)", "gaussian(40.0)",
    ):
        s, _ = mel_settings(dict(sr=16000, n_fft=256, hop_length=200, n_mels=10, window=window))
        mel = librosa.feature.melspectrogram(y=signals.get("voice"), **s)
        case("logmel", "voice", librosa.power_to_db(mel), sr=16000, n_fft=256, hop_length=200, n_mels=10, window=window)
    for pad_mode in ("constant", "reflect", "edge", "symmetric"):
        logmel("voice", sr=16000, n_fft=512, hop_length=256, pad_mode=pad_mode, **small)
        logmel("noise:100:4", sr=16000, n_fft=512, hop_length=32, pad_mode=pad_mode, **small)
        logmel("one", sr=16000, n_fft=64, hop_length=16, pad_mode=pad_mode, n_mels=4)
    for win in (1, 2, 25, 300, 301, 511):
        logmel("voice", sr=16000, n_fft=512, win_length=win, hop_length=400, n_mels=10)
    logmel("voice", sr=16000, n_fft=512, hop_length=128, center=False, **small)
    logmel("voice", sr=16000, n_fft=511, win_length=400, hop_length=128, center=False, **small)
    logmel("noise:512:2", sr=16000, n_fft=512, hop_length=128, center=False, **small)
    for power in (1, 1.5, 2, 3):
        logmel("voice", sr=16000, n_fft=256, hop_length=256, power=power, **small)
    for top_db in (None, 0, 30, 200):
        logmel("voice", sr=16000, n_fft=256, hop_length=256, top_db=top_db, **small)
        mfcc("voice", sr=16000, n_fft=256, hop_length=256, top_db=top_db, n_mels=24, n_mfcc=12)
    for ref in ("max", 0.01, 100.0):
        logmel("voice", sr=16000, n_fft=256, hop_length=256, ref=ref, **small)
    for amin in (1e-3, 1e-20, 1e-30):
        logmel("voice", sr=16000, n_fft=256, hop_length=256, amin=amin, top_db=None, **small)
    for signal in ("silence", "one", "square", "impulse", "quiet", "noise:1:1", "noise:2:1", "noise:511:1"):
        logmel(signal, sr=16000, n_fft=512, hop_length=200, **small)
        logmel(signal, sr=16000, n_fft=512, hop_length=200, ref="max", **small)
        mfcc(signal, sr=16000, n_fft=512, hop_length=200, n_mels=40, n_mfcc=13)
    for htk in (True, False):
        for norm in ("slaney", "None"):
            logmel("voice", sr=16000, n_fft=512, hop_length=300, htk=htk, norm=norm, fmin=80.0, fmax=7600.0, **small)
    for n_mels in (1, 2, 40, 128):
        logmel("voice", sr=16000, n_fft=512, hop_length=600, n_mels=n_mels)
    for dct_type in (1, 2, 3):
        for n_mels in (20, 33):
            mfcc("voice", sr=16000, n_fft=512, hop_length=300, n_mels=n_mels, n_mfcc=20, dct_type=dct_type)
    for lifter in (1, 22, 40.5):
        mfcc("voice", sr=16000, n_fft=512, hop_length=300, n_mels=40, n_mfcc=20, lifter=lifter)
    mfcc("voice", sr=16000, n_fft=512, hop_length=300, n_mels=40, n_mfcc=40)
    mfcc("voice", sr=16000, n_fft=512, hop_length=300, n_mels=40, n_mfcc=1)
    network = dict(sr=48000, n_fft=1024, win_length=512, window="hamming", n_mels=128, fmax=24000.0)
    mfcc("long_voice", n_mfcc=40, hop_length=512, **network)
    logmel("voice", hop_length=256, ref="max", **network)
    case("default_logmel", "voice", librosa.power_to_db(librosa.feature.melspectrogram(y=signals.get("voice"))))
    case("default_mfcc", "voice", librosa.feature.mfcc(y=signals.get("voice")))


def transform_cases():
    for n_fft, win, hop, center in (
        (64, 64, 16, True), (64, 40, 20, True), (63, 63, 31, True), (45, 45, 20, False), (128, 100, 50, False),
        (101, 101, 60, True), (1, 1, 40, True), (2, 2, 30, True), (3, 3, 30, True), (7, 5, 30, True), (96, 96, 64, True),
    ):
        y = signals.noise(800, 6)
        d = librosa.stft(y, n_fft=n_fft, win_length=win, hop_length=hop, center=center)
        settings = dict(n_fft=n_fft, win_length=win, hop_length=hop, center=center)
        case("stft", "noise:800:6", np.stack([d.real, d.imag]), **settings)
        # Changed, so that frames no longer agree where they overlap.
        z = d * (1 + 0.5 * np.cos(np.arange(d.shape[1])))
        for length in (None, 700) if n_fft > 4 else ():
            x = librosa.istft(z, n_fft=n_fft, win_length=win, hop_length=hop, center=center, length=length)
            case("istft", "noise:800:6", x, length=length, **settings)
    names = ("hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop", "bartlett", "cosine", "boxcar", "triang")
    names += ("kaiser(14.0)", "gaussian(7.5)", "barthann", "bohman", "lanczos", "parzen", "tukey", "tukey(0.0)", "tukey(0.3)", "tukey(1.0)")
    for name in names:
        spec = (name[:-1].split("(")[0], float(name[:-1].split("(")[1])) if "(" in name else name
        value = [np.concatenate([scipy.signal.get_window(spec, n, fftbins=p) for n in (1, 2, 31, 32)]) for p in (True, False)]
        case("window", "one", value, window=name)
    for sr, n_fft, n_mels, fmin, fmax, htk, norm in (
        (22050, 256, 10, 0.0, 11025.0, False, "slaney"), (16000, 255, 12, 20.0, 7600.0, True, "None"),
        (48000, 512, 20, 0.0, 24000.0, False, "None"), (8000, 200, 5, 300.0, 3400.0, True, "slaney"),
    ):
        bank = librosa.filters.mel(
            sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=None if norm == "None" else norm)
        case("mel", "one", bank, sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm)
    for dct_type in (1, 2, 3):
        for norm in ("None", "ortho"):
            for size in (2, 13, 32):
                x = signals.noise(size * 3, size).reshape(size, 3).astype(np.float64)
                value = scipy.fft.dct(x, type=dct_type, norm=None if norm == "None" else norm, axis=0)
                case("dct", f"noise:{size * 3}:{size}", value, type=dct_type, norm=norm, size=size)
    x = np.abs(signals.noise(200, 8))
    case("power_to_db", "noise:200:8", librosa.power_to_db(x, ref=0.5, amin=1e-5, top_db=20), ref=0.5, amin=1e-5, top_db=20)
    case("amplitude_to_db", "noise:200:8", librosa.amplitude_to_db(x, ref=2.0, top_db=None), ref=2.0, amin=1e-5, top_db=None)
    db = 80 * signals.noise(200, 8)
    case("db_to_power", "noise:200:8", librosa.db_to_power(db.astype(np.float64), ref=0.3), ref=0.3)
    case("db_to_amplitude", "noise:200:8", librosa.db_to_amplitude(db.astype(np.float64), ref=0.3), ref=0.3)
    for coefficient in (0.97, 0.5):
        y = signals.noise(500, 9).astype(np.float64)
        case("preemphasis", "noise:500:9", librosa.effects.preemphasis(y, coef=coefficient), coef=coefficient)
        case("deemphasis", "noise:500:9", librosa.effects.deemphasis(y, coef=coefficient), coef=coefficient)


def feature_cases():
    x = signals.noise(5 * 30, 12).reshape(5, 30)
    for width, order in ((9, 1), (9, 2), (5, 1), (3, 1), (29, 3), (7, 2)):
        case("delta", "noise:150:12", librosa.feature.delta(x.astype(np.float64), width=width, order=order), width=width, order=order)
    for window in (1, 2, 5):
        padded = np.pad(x.astype(np.float64), ((0, 0), (window, window)), mode="edge")
        value = sum(i * (padded[:, window + i : window + i + 30] - padded[:, window - i : window - i + 30]) for i in range(1, window + 1))
        case("regression", "noise:150:12", value / (2 * sum(i * i for i in range(1, window + 1))), window=window)
    for signal, sr, n_fft, hop in (("voice", 16000, 512, 400), ("noise:3000:2", 22050, 511, 256), ("impulse", 44100, 1024, 512), ("silence", 16000, 512, 512)):
        y = signals.get(signal)
        s = np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop))
        f = librosa.fft_frequencies(sr=sr, n_fft=n_fft)
        settings = dict(sr=sr, n_fft=n_fft, hop_length=hop)
        case("centroid", signal, librosa.feature.spectral_centroid(S=s, freq=f), **settings)
        for p in (1, 2, 3):
            case("bandwidth", signal, librosa.feature.spectral_bandwidth(S=s, freq=f, p=p), p=p, **settings)
        for share in (0.5, 0.85):
            case("rolloff", signal, librosa.feature.spectral_rolloff(S=s, freq=f, roll_percent=share), share=share, **settings)
        case("flatness", signal, librosa.feature.spectral_flatness(S=s.astype(np.float64)), **settings)
        fmin = 100.0
        case("contrast", signal, librosa.feature.spectral_contrast(S=s, sr=sr, freq=f, fmin=fmin, n_bands=5), fmin=fmin, n_bands=5, quantile=0.02, **settings)
        case("rms", signal, librosa.feature.rms(y=y, frame_length=n_fft, hop_length=hop), **settings)
        case("zero_crossing_rate", signal, librosa.feature.zero_crossing_rate(y, frame_length=n_fft, hop_length=hop), **settings)
    # 3200 Hz, an edge, is a bin but for the last digit.
    settings = dict(fmin=200.0, n_bands=5, quantile=0.1, sr=16000, n_fft=260, hop_length=512)
    case("contrast", "voice", librosa.feature.spectral_contrast(y=signals.get("voice"), **settings), **settings)
    for signal, settings in (
        ("chord", dict(sr=8000, n_fft=2048, hop_length=1024)), ("chord", dict(sr=8000, n_fft=1024, hop_length=2000, tuning=0.0)),
        ("voice", dict(sr=16000, n_fft=2048, hop_length=700)), ("silence", dict(sr=16000, n_fft=512, hop_length=1000)),
        ("chord", dict(sr=8000, n_fft=1024, hop_length=2000, tuning=-0.3, n_chroma=24)),
    ):
        case("chroma", signal, librosa.feature.chroma_stft(y=signals.get(signal).astype(np.float64), **settings), **settings)
    for signal in ("voice", "long_voice", "silence", "noise:3000:2"):
        y = signals.get(signal)
        for top_db in (20, 60):
            settings = dict(top_db=top_db, frame_length=512, hop_length=128)
            case("trim", signal, librosa.effects.trim(y, **settings)[1], **settings)
            case("split", signal, librosa.effects.split(y, **settings), **settings)
    for order in (1, 4, 16):
        case("lpc", "voice", librosa.lpc(signals.get("voice")[2000:2400].astype(np.float64), order=order), first=2000, last=2400, order=order)
    frame = signals.get("long_voice")[4000:4480].astype(np.float64)
    emphasised = np.concatenate([frame[:1], frame[1:] - 0.97 * frame[:-1]]) * np.hamming(len(frame))
    roots = np.roots(librosa.lpc(emphasised.astype(np.float32).astype(np.float64), order=18))
    hz, width = np.angle(roots) * 16000 / (2 * np.pi), -np.log(np.abs(roots)) * 16000 / np.pi
    keep = (hz > 90) & (hz < 7950) & (width < 400)
    found = np.array(sorted(zip(hz[keep], width[keep])))
    case("formants", "long_voice", found, first=4000, last=4480, order=18, sr=16000)
    for signal, settings in (
        ("voice", dict(sr=16000, fmin=60.0, fmax=500.0, frame_length=1024, hop_length=256)),
        ("long_voice", dict(sr=16000, fmin=80.0, fmax=400.0, frame_length=800, hop_length=200)),
        ("noise:3000:2", dict(sr=22050, fmin=65.0, fmax=2000.0, frame_length=2048, hop_length=512)),
        ("silence", dict(sr=16000, fmin=60.0, fmax=500.0, frame_length=1024, hop_length=512)),
    ):
        y = signals.get(signal).astype(np.float64)
        case("yin", signal, librosa.yin(y, **settings), **settings)
        f0, voiced, probability = librosa.pyin(y, **settings)
        case("pyin", signal, np.stack([np.nan_to_num(f0), voiced, probability]), **settings)
    s = np.abs(signals.noise(8 * 40, 13)).reshape(8, 40) * 1000
    for settings in (dict(), dict(gain=0.5, bias=10.0, power=0.25, time_constant=0.1), dict(power=0.0), dict(bias=0.0)):
        merged = dict(gain=0.98, bias=2.0, power=0.5, time_constant=0.4) | settings
        case("pcen", "noise:320:13", librosa.pcen(s.astype(np.float64), sr=16000, hop_length=160, **merged), sr=16000, hop_length=160, **merged)
    for window, variance in ((1000, False), (1000, True), (10, False), (11, True)):
        x64 = x.astype(np.float64)
        value = np.empty_like(x64)
        for t in range(30):
            first = max(0, min(t - window // 2, 30 - window))
            part = x64[:, first : first + window]
            value[:, t] = (x64[:, t] - part.mean(axis=1)) / (part.std(axis=1) if variance else 1)
        case("cmvn", "noise:150:12", value, window=window, variance=variance)


mel_cases()
transform_cases()
feature_cases()
os.makedirs(OUT, exist_ok=True)
np.savez_compressed(os.path.join(OUT, "audio_dsp.npz"), **ARRAYS)
with open(os.path.join(OUT, "audio_dsp_cases.tsv"), "w", encoding="utf-8") as file:
    file.write(f"# librosa {librosa.__version__}, scipy {scipy.__version__}, numpy {np.__version__}\n")
    file.write("\n".join(CASES) + "\n")
print(f"{len(CASES)} cases, {os.path.getsize(os.path.join(OUT, 'audio_dsp.npz'))} bytes")
