"""Collects golden cases and writes one safetensors file a family; README.md explains the format."""

import json
import struct
import sys
from pathlib import Path

import safetensors.torch
import torch

ROOT = Path(__file__).resolve().parents[2]

torch.set_num_threads(1)


def draw(*shape):
    """Standard normal values, float64. Every family starts from seed 0."""
    return torch.randn(shape, dtype=torch.float64)


def integers(high, *shape):
    return torch.randint(high, shape)


class Family:
    """The cases of one golden file.

    Results are always computed in float64. A case whose name does not end in `_f64` starts from inputs that float32
    holds exactly, and its results are rounded once to float32: such a reference has no rounding error of its own.
    How far PyTorch's own float32 run lies from it is noted beside each case as `float32_drift`.
    """

    def __init__(self, name, module="core"):
        torch.manual_seed(0)
        self.path = ROOT / module / "src/test/resources/golden" / f"{name}.safetensors"
        self.tensors = {}
        self.metadata = {"generator": f"tools/golden/{Path(sys.argv[0]).name}, torch {torch.__version__}"}
        self.cases = 0
        self.drift = 0.0

    def case(self, name, function, leaves, constants=None, **settings):
        """Calls `function({role: tensor})` and stores leaves, constants, output and gradients.

        `leaves` are differentiated, `constants` are not. The function returns the output, or the output and a dict of
        further results (kept without gradients).
        """
        exact = name.endswith("_f64")
        leaves = {role: x if exact else x.float().double() for role, x in leaves.items()}
        constants = {role: x.float().double() if x.is_floating_point() and not exact else x
                     for role, x in (constants or {}).items()}
        results = _run(function, leaves, constants, torch.float64)
        if not exact:
            single = _run(function, leaves, constants, torch.float32, results["grad_out"])
            drift = max(_drift(single[k], results[k]) for k in results)
            settings["float32_drift"] = float(f"{drift:.1e}")
        for role, tensor in (leaves | constants | results).items():
            if tensor.is_floating_point() and not exact:
                tensor = tensor.float()
            self.put(name, role, tensor)
        self.describe(name, **settings)

    def op(self, name, function, *inputs, constants=None, **settings):
        """A case of a plain function; a tuple among `inputs` is a shape to be filled with normal values."""
        leaves = {f"in{i}": draw(*x) if isinstance(x, tuple) else x for i, x in enumerate(inputs)}
        self.case(name, lambda t: function(*(t[role] for role in leaves)), leaves, constants, **settings)

    def layer(self, name, layer, inputs, call=None, constants=None, after=(), **settings):
        """A case of a module whose parameters are redrawn, so that no bias is zero and no scale is one.

        `call(layer, inputs, constants)` defaults to `layer(*inputs)`. Buffers listed in `after` are stored as they are
        after the call, under `after_<name>`.
        """
        layer = layer.double()
        leaves = {f"in{i}": x for i, x in enumerate(inputs)}
        parameters = {key: 0.4 * draw(*p.shape) + (key.split(".")[-1] == "weight" and p.dim() == 1)
                      if settings.get("redraw", True) else p.detach() for key, p in layer.named_parameters()}
        settings.pop("redraw", None)

        def function(tensors):
            dtype = tensors["in0"].dtype
            buffers = {k: b.detach().clone().to(dtype if b.is_floating_point() else b.dtype)
                       for k, b in layer.named_buffers()}
            weights = {k: tensors[k] for k in parameters}
            wrapper = _Call(layer, call)
            held = {f"layer.{k}": v for k, v in (weights | buffers).items()}
            arguments = ([tensors[f"in{i}"] for i in range(len(inputs))], tensors)
            out = torch.func.functional_call(wrapper, held, arguments)
            out, extras = out if isinstance(out, tuple) else (out, {})
            return out, extras | {f"after_{k}": held[f"layer.{k}"] for k in after}

        self.case(name, function, leaves | parameters, constants, **settings)

    def put(self, case, role, tensor):
        self.tensors[f"{case}/{role}"] = tensor.detach().clone().contiguous()

    def describe(self, case, **settings):
        """Settings are scalars and arrays, so that a reader needs no nested objects."""
        assert not any(isinstance(value, dict) for value in settings.values()), case
        assert case not in self.metadata, f"case {case} is given twice"
        self.metadata[case] = json.dumps(settings, separators=(",", ":"))
        self.cases += 1
        self.drift = max(self.drift, settings.get("float32_drift", 0.0))

    def save(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = sorted_header(safetensors.torch.save(self.tensors, self.metadata))
        self.path.write_bytes(content)
        safetensors.torch.load_file(self.path)  # the reordered header must still be a valid one
        print(f"{self.path.relative_to(ROOT)}: {self.cases} cases, {len(self.tensors)} tensors, {len(content):,} bytes, "
              f"largest float32 drift {self.drift:.1e}")


class _Call(torch.nn.Module):
    """Lets `functional_call` replace a layer's parameters around any way of calling it."""

    def __init__(self, layer, call):
        super().__init__()
        self.layer = layer
        self.call = call or (lambda layer, inputs, constants: layer(*inputs))

    def forward(self, inputs, constants):
        return self.call(self.layer, inputs, constants)


def _run(function, leaves, constants, dtype, grad_out=None):
    """Output, further results and gradients at one precision; draws the output's gradient unless it is given."""
    leaves = {role: x.to(dtype, copy=True).requires_grad_() for role, x in leaves.items()}
    constants = {role: x.to(dtype) if x.is_floating_point() else x for role, x in constants.items()}
    out = function(leaves | constants)
    out, extras = out if isinstance(out, tuple) else (out, {})
    if grad_out is None:
        grad_out = draw(*out.shape).float().double()
    gradients = torch.autograd.grad(out, list(leaves.values()), grad_out.to(dtype))
    results = {"out": out, "grad_out": grad_out, **extras}
    return results | {f"grad_{role}": g for role, g in zip(leaves, gradients)}


def _drift(single, double):
    """Largest difference, relative to the largest finite value where that is above 1."""
    difference = (single.double() - double).nan_to_num(0, 0, 0).abs()  # equal infinities differ by NaN
    scale = max(1.0, double.nan_to_num(0, 0, 0).abs().max().item())
    return difference.max().item() / scale


def sorted_header(content):
    """The library writes metadata in random order; sorted, the same run gives the same bytes."""
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + content[8 + length:]
