"""The parallel CNN / Transformer emotion networks in PyTorch, their golden values, and a way to carry weights by hand.

    python torch_networks.py golden                              write models/src/test/resources/golden
    python torch_networks.py save FILE.safetensors --preset P    save the formula weights as a state dict
    python torch_networks.py load FILE.safetensors --preset P    load strictly, print a checksum of the logits

Weights and inputs are not stored but follow formulas that both sides compute, in float64, from left to right:

    v(i, j)   = sin(0.37 * j + 1.7 * i + 0.11 * (j % 13))        element j of tensor number i of the state dict, both from
                                                                 0, in its order, num_batches_tracked not counted
    weight of rank 2 or more       v / sqrt(product of all dimensions but the first)
    *.bias and *_bias, rank 1      0.05 * v
    *.weight, rank 1               1 + 0.2 * v
    running_mean, running_var      0.1 * v, 1 + 0.3 * v
    x[n, 0, f, t]                  1.5 * sin(0.013 * j + 0.7 * n) + 0.5 * cos(0.171 * j)
                                   j = offset + flattened index over the whole batch

and are rounded to float32 at the end, for the float64 cases too. A golden step s of training takes offset = 100003 * s.
"""

import argparse
import math
from pathlib import Path

import safetensors.torch
import torch
import torch.nn.functional as F
from torch import nn

from torch_golden import Family, sorted_header

FORMULAS = {
    "weights": "v=sin(0.37*j+1.7*i+0.11*(j%13)), tensor i in order of `names`, element j; rank>=2: v/sqrt(fan_in), "
               "bias: 0.05*v, rank-1 weight: 1+0.2*v, running_mean: 0.1*v, running_var: 1+0.3*v; float64, then float32",
    "inputs": "1.5*sin(0.013*j+0.7*n)+0.5*cos(0.171*j), j=offset+flattened index, n=clip in batch; float64, then float32",
}

CLASSES = 8
ENCODER = dict(layers=4, heads=4, feed_forward=512)
PRESETS = {
    # shape [bands, frames], branches, pools (one convolution each), channels, pool before the encoder
    "two_branch": dict(shape=(40, 282), branches=2, channels=(16, 32, 64), pools=(2, 4, 4), reduce=(1, 4), **ENCODER),
    "parallel": dict(shape=(128, 563), branches=1, channels=(16, 32, 64, 64), pools=(2, 4, 4, 4), reduce=(2, 4), **ENCODER),
    "parallel_mfcc": dict(shape=(40, 282), branches=1, channels=(16, 32, 64), pools=(2, 4, 4), reduce=(2, 4), **ENCODER),
    # small enough to keep a whole state dict
    "tiny": dict(shape=(16, 23), branches=2, channels=(3, 5), pools=(2, 4), reduce=(2, 4), layers=2, heads=2, feed_forward=11),
}
TRACE = dict(steps=20, batch=4, momentum=0.8, weight_decay=1e-3, offset="100003*s", labels="(3*n+s)%8")
# At the recipe's rate these traces diverge before they settle and magnify rounding a thousandfold within 20 steps: float32
# PyTorch itself leaves float64 by up to 5e-3 (`drift_losses` has the figures). At a tenth of it rounding stays rounding.
TRACES = {"losses": 0.01, "losses_calm": 0.001}
PARAMETERS = {"two_branch": 248_488, "parallel": 395_176}


class ParallelCnnTransformer(nn.Module):
    """Convolutional branches beside a transformer over time; their embeddings are joined for one linear layer.

    Input [N, 1, F, T], output logits [N, K]. Dropouts: inside the branches, inside the encoder, on the logits.
    """

    def __init__(self, shape, branches, channels, pools, reduce, layers, heads, feed_forward, dropouts=(0.3, 0.4, 0.0)):
        super().__init__()
        branch_dropout, encoder_dropout, head_dropout = dropouts
        self.branches = [f"conv2Dblock{b + 1}" for b in range(branches)]
        for name in self.branches:
            self.add_module(name, conv_branch(channels, pools, branch_dropout))
        self.transformer_maxpool = nn.MaxPool2d(reduce)
        embedding = shape[0] // reduce[0]
        self.transformer_encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(embedding, heads, feed_forward, encoder_dropout, "relu", batch_first=True),
            layers, enable_nested_tensor=False)
        height, width = (size // math.prod(pools) for size in shape)
        self.fc1_linear = nn.Linear(branches * channels[-1] * height * width + embedding, CLASSES)
        self.head_dropout = nn.Dropout(head_dropout)

    def forward(self, x):
        embeddings = [torch.flatten(getattr(self, name)(x), start_dim=1) for name in self.branches]  # [N, C*H*W]
        sequence = self.transformer_maxpool(x).squeeze(1).permute(0, 2, 1)  # [N, T, E]: bands become the embedding
        embeddings.append(self.transformer_encoder(sequence).mean(dim=1))
        return self.head_dropout(self.fc1_linear(torch.cat(embeddings, dim=1)))


def conv_branch(channels, pools, dropout):
    stages = []
    for before, after, pool in zip((1, *channels), channels, pools):
        stages += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        stages += [nn.MaxPool2d(pool), nn.Dropout(dropout)]
    return nn.Sequential(*stages)


RANK_1 = {"bias": (0, 0.05), "weight": (1, 0.2), "mean": (0, 0.1), "var": (1, 0.3)}


def formula_weight(name, shape, i):
    j = torch.arange(math.prod(shape), dtype=torch.float64)
    v = torch.sin(0.37 * j + 1.7 * i + 0.11 * (j % 13))
    if len(shape) >= 2:
        v = v / math.sqrt(math.prod(shape[1:]))
    else:
        offset, scale = RANK_1[name.replace("_", ".").split(".")[-1]]
        v = offset + scale * v
    return v.float().reshape(shape)


def formula_input(batch, shape, offset=0):
    n = torch.arange(batch, dtype=torch.float64).reshape(batch, 1)
    j = offset + torch.arange(batch * math.prod(shape), dtype=torch.float64).reshape(batch, -1)
    x = 1.5 * torch.sin(0.013 * j + 0.7 * n) + 0.5 * torch.cos(0.171 * j)
    return x.float().reshape(batch, 1, *shape)


def build(preset, dtype=torch.float32):
    """The network with formula weights and no dropout, in training mode."""
    network = ParallelCnnTransformer(**PRESETS[preset], dropouts=(0, 0, 0))
    state = network.state_dict()
    names = [name for name in state if not name.endswith("num_batches_tracked")]
    state.update({name: formula_weight(name, state[name].shape, i) for i, name in enumerate(names)})
    network.load_state_dict(state)
    count = sum(p.numel() for p in network.parameters())
    assert count == PARAMETERS.get(preset, count), f"{preset} has {count} parameters"
    return network.to(dtype)


def golden():
    family = Family("networks", "models")
    family.describe("formulas", **FORMULAS)
    for preset, settings in PRESETS.items():
        single, double = (golden_values(preset, dtype) for dtype in (torch.float32, torch.float64))
        for role in single:
            family.put(preset, role, single[role])
            family.put(f"{preset}_f64", role, double[role])
        drift = {role: relative_drift(single[role], double[role], role in TRACES) for role in single}
        network = build(preset)
        state = {name: list(value.shape) for name, value in network.state_dict().items() if value.dim() > 0}
        family.describe(
            preset, **settings, classes=CLASSES, parameters=sum(p.numel() for p in network.parameters()),
            names=list(state), shapes=list(state.values()), gradients=[name for name, _ in network.named_parameters()],
            batch=3, labels="n%8", **{f"trace_{key}": value for key, value in TRACE.items()},
            **{f"lr_{role}": lr for role, lr in TRACES.items()},
            **{f"drift_{role}": value for role, value in drift.items()}, float32_drift=max(drift.values()))
        family.describe(f"{preset}_f64")
        for role in TRACES:
            drifts = [relative_drift(single[role][:k], double[role][:k], True) for k in (1, 5, 10, 15, 20)]
            first, last = double[role][[0, -1]].tolist()
            print(f"{preset}: {role} {first:.3f} .. {last:.3f}, drift within 1, 5, 10, 15, 20 steps {drifts}")
        print(f"{preset}: drift {drift}")
    family.save()
    save(family.path.with_name("tiny_state_dict.safetensors"), "tiny")


def relative_drift(single, double, each):
    """Largest difference, relative to each value or to the largest."""
    scale = double.abs() if each else double.abs().max()
    return float(f"{((single - double).abs() / scale).max().item():.1e}")


def golden_values(preset, dtype, batch=3):
    """Logits, gradients of the mean cross-entropy in training mode, and the traces of the losses."""
    x = formula_input(batch, PRESETS[preset]["shape"]).to(dtype)
    network = build(preset, dtype)
    with torch.no_grad():
        evaluated = network.eval()(x)
    trained = network.train()(x)  # also moves the running statistics, which nothing below reads
    F.cross_entropy(trained, torch.arange(batch) % CLASSES).backward()
    gradients = [p.grad.double().flatten() for p in network.parameters()]
    return {
        "eval_logits": evaluated, "train_logits": trained.detach(),
        "grad_norm": torch.stack([g.norm() for g in gradients]),
        # a norm does not see order or sign: the product with cos(j), element by element, does
        "grad_dot": torch.stack([(g * torch.cos(torch.arange(len(g), dtype=torch.float64))).sum() for g in gradients]),
    } | {role: losses(preset, dtype, lr) for role, lr in TRACES.items()}


def losses(preset, dtype, lr):
    """The loss of each step of SGD, before its update."""
    network = build(preset, dtype).train()
    sgd = torch.optim.SGD(network.parameters(), lr=lr, momentum=TRACE["momentum"], weight_decay=TRACE["weight_decay"])
    trace = []
    for step in range(TRACE["steps"]):
        x = formula_input(TRACE["batch"], PRESETS[preset]["shape"], 100003 * step).to(dtype)
        loss = F.cross_entropy(network(x), (3 * torch.arange(TRACE["batch"]) + step) % CLASSES)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        trace.append(loss.item())
    return torch.tensor(trace, dtype=torch.float64)


def save(file, preset):
    Path(file).write_bytes(sorted_header(safetensors.torch.save(build(preset).state_dict(), {"preset": preset})))
    print(f"saved {file}: {checksum(build(preset), preset)}")


def load(file, preset):
    network = ParallelCnnTransformer(**PRESETS[preset])
    network.load_state_dict(safetensors.torch.load_file(file), strict=True)
    print(f"ok {file}: {checksum(network, preset)}")


def checksum(network, preset):
    with torch.no_grad():
        logits = network.eval()(formula_input(3, PRESETS[preset]["shape"])).double().flatten()
    return f"sum of k * logits[k] over 3 clips, k from 1: {(torch.arange(1, len(logits) + 1) * logits).sum().item():.5f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("golden", "save", "load"))
    parser.add_argument("file", nargs="?")
    parser.add_argument("--preset", choices=PRESETS, default="two_branch")
    arguments = parser.parse_args()
    if arguments.command == "golden":
        golden()
    elif arguments.file is None:
        parser.error(f"{arguments.command} needs a file")
    else:
        {"save": save, "load": load}[arguments.command](arguments.file, arguments.preset)


if __name__ == "__main__":
    main()
