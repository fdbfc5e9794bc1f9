"""Golden trajectories of optimizers, and the bounds that initial weights are drawn from."""

import math

import torch
from torch import nn

from torch_golden import Family, draw

STEPS = 10


def optim():
    """in0, in1: parameters before the first step. grad_in0, grad_in1: their given gradients, [STEPS, ...].
    out0, out1: the parameters after each step, [STEPS, ...]."""
    family = Family("optim")
    for name, optimizer, settings in [
        ("sgd_plain", torch.optim.SGD, dict(lr=0.1)),
        ("sgd_weight_decay", torch.optim.SGD, dict(lr=0.1, weight_decay=0.05)),
        ("sgd_momentum", torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
        ("sgd_dampening", torch.optim.SGD, dict(lr=0.1, momentum=0.9, dampening=0.3)),
        ("sgd_nesterov", torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True)),
        ("sgd_nesterov_weight_decay", torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05)),
        ("sgd_reference_recipe", torch.optim.SGD, dict(lr=0.01, momentum=0.8, weight_decay=1e-3)),
        ("adam", torch.optim.Adam, dict(lr=0.01)),
        ("adam_weight_decay", torch.optim.Adam, dict(lr=0.01, weight_decay=0.1)),
        ("adamw_default", torch.optim.AdamW, dict()),
        ("adamw", torch.optim.AdamW, dict(lr=0.01, weight_decay=0.1)),
        ("adamw_betas_eps", torch.optim.AdamW, dict(lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.0)),
    ]:
        for suffix in ("", "_f64"):
            start = [draw(3, 5).float().double(), draw(7).float().double()]
            gradients = [draw(STEPS, *p.shape).float().double() for p in start]
            gradients[1][:, 0] = 0  # a parameter that never gets a gradient still decays
            gradients[1][:, 1] *= 1e-6  # where Adam's eps shows
            double = _trajectory(optimizer, settings, start, gradients, torch.float64)
            single = _trajectory(optimizer, settings, start, gradients, torch.float32)
            drift = max((s - d).abs().max().item() for s, d in zip(single, double))
            dtype = torch.float64 if suffix else torch.float32
            for i in range(len(start)):
                family.put(name + suffix, f"in{i}", start[i].to(dtype))
                family.put(name + suffix, f"grad_in{i}", gradients[i].to(dtype))
                family.put(name + suffix, f"out{i}", double[i].to(dtype))
            used = optimizer([torch.zeros(1)], **settings).defaults  # all defaults spelled out
            shown = ("lr", "momentum", "dampening", "nesterov", "weight_decay", "betas", "eps")
            family.describe(name + suffix, **{k: used[k] for k in shown if k in used},
                            **({} if suffix else {"float32_drift": float(f"{drift:.1e}")}))
    family.save()


def _trajectory(optimizer, settings, start, gradients, dtype):
    parameters = [nn.Parameter(p.to(dtype, copy=True)) for p in start]
    stepper = optimizer(parameters, **settings)
    path = [[] for _ in parameters]
    for step in range(STEPS):
        for parameter, g in zip(parameters, gradients):
            parameter.grad = g[step].to(dtype)
        stepper.step()
        for parameter, positions in zip(parameters, path):
            positions.append(parameter.detach().to(torch.float64, copy=True))
    return [torch.stack(positions) for positions in path]


def init():
    """Metadata only: bound_<parameter> is b of uniform(-b, b), constant_<parameter> what it starts as."""
    family = Family("init")

    def inverse_root(fan_in):  # kaiming_uniform(a = sqrt 5): gain sqrt(2 / (1 + 5)), bound gain * sqrt(3 / fan_in)
        return 1 / math.sqrt(fan_in)

    def xavier(fan_in, fan_out):
        return math.sqrt(6 / (fan_in + fan_out))

    for name, make, arguments, bounds in [
        ("linear", nn.Linear, dict(in_features=7, out_features=5),
         {"weight": inverse_root(7), "bias": inverse_root(7)}),
        ("conv2d", nn.Conv2d, dict(in_channels=4, out_channels=6, kernel_size=[3, 5]),
         {"weight": inverse_root(4 * 15), "bias": inverse_root(4 * 15)}),
        ("conv2d_groups", nn.Conv2d, dict(in_channels=4, out_channels=6, kernel_size=[3, 3], groups=2),
         {"weight": inverse_root(2 * 9), "bias": inverse_root(2 * 9)}),
        ("conv2d_depthwise", nn.Conv2d, dict(in_channels=5, out_channels=5, kernel_size=[3, 3], groups=5),
         {"weight": inverse_root(9), "bias": inverse_root(9)}),
        ("multihead_attention", nn.MultiheadAttention, dict(embed_dim=12, num_heads=3),
         {"in_proj_weight": xavier(12, 36), "out_proj.weight": inverse_root(12)}),
        ("transformer_encoder_layer", nn.TransformerEncoderLayer, dict(d_model=12, nhead=3, dim_feedforward=17),
         {"self_attn.in_proj_weight": xavier(12, 36), "self_attn.out_proj.weight": inverse_root(12),
          "linear1.weight": inverse_root(12), "linear1.bias": inverse_root(12),
          "linear2.weight": inverse_root(17), "linear2.bias": inverse_root(17)}),
        ("batchnorm2d", nn.BatchNorm2d, dict(num_features=3), {}),
        ("layernorm", nn.LayerNorm, dict(normalized_shape=[3]), {}),
    ]:
        drawn = [dict(make(**arguments).named_parameters()) for _ in range(500)]
        constants = {key: p.flatten()[0].item() for key, p in drawn[0].items() if key not in bounds}
        for key in drawn[0]:  # the formulas above are claims: hold them against what PyTorch draws
            largest = max(layer[key].abs().max().item() for layer in drawn)
            if key in bounds:
                assert 0.99 * bounds[key] < largest <= bounds[key] * (1 + 1e-6), (name, key, largest, bounds[key])
            else:
                assert all((layer[key] == constants[key]).all() for layer in drawn), (name, key)
        family.describe(name, **arguments, **{f"bound_{key}": value for key, value in bounds.items()},
                        **{f"constant_{key}": value for key, value in constants.items()})
    family.save()


if __name__ == "__main__":
    for write in (optim, init):
        write()
