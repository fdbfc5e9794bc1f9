"""Golden values of single operations. Inputs are in0, in1, ... in the order of the PyTorch function."""

import torch
import torch.nn.functional as F

from torch_golden import Family, draw, integers

INF = float("inf")


def conv2d():
    family = Family("conv2d")
    table = [
        # name, input [N, Cin, H, W], Cout, kernel, stride, padding, dilation, groups, bias
        ("k3x3", (2, 3, 7, 9), 4, (3, 3), (1, 1), (0, 0), (1, 1), 1, True),
        ("k3x3_pad1", (2, 3, 7, 9), 5, (3, 3), (1, 1), (1, 1), (1, 1), 1, True),
        ("k3x3_pad1_no_bias", (2, 3, 5, 8), 4, (3, 3), (1, 1), (1, 1), (1, 1), 1, False),
        ("k3x3_one_channel", (3, 1, 8, 19), 2, (3, 3), (1, 1), (1, 1), (1, 1), 1, True),
        ("k3x3_one_image", (1, 4, 6, 7), 3, (3, 3), (1, 1), (1, 1), (1, 1), 1, True),
        ("k3x3_wide", (2, 3, 5, 37), 18, (3, 3), (1, 1), (1, 1), (1, 1), 1, True),
        ("k3x3_input_smaller_than_kernel", (2, 3, 1, 4), 5, (3, 3), (1, 1), (1, 1), (1, 1), 1, True),
        ("k1x1", (2, 3, 4, 5), 7, (1, 1), (1, 1), (0, 0), (1, 1), 1, True),
        ("k1x1_stride2", (2, 3, 5, 8), 4, (1, 1), (2, 2), (0, 0), (1, 1), 1, True),
        ("k5x3_pad2x1", (2, 3, 8, 7), 4, (5, 3), (1, 1), (2, 1), (1, 1), 1, True),
        ("k2x4", (2, 3, 5, 9), 4, (2, 4), (1, 1), (0, 0), (1, 1), 1, True),
        ("k2x4_stride2_pad1", (2, 3, 6, 9), 5, (2, 4), (2, 2), (1, 1), (1, 1), 1, False),
        ("k3x3_stride2_pad1", (2, 3, 8, 11), 4, (3, 3), (2, 2), (1, 1), (1, 1), 1, True),
        ("k3x3_stride2x1_pad1", (2, 3, 8, 5), 4, (3, 3), (2, 1), (1, 1), (1, 1), 1, True),
        ("k3x3_dilation2", (2, 3, 9, 10), 4, (3, 3), (1, 1), (0, 0), (2, 2), 1, True),
        ("k5x3_dilation2x1_stride2x1_pad2x1", (2, 3, 13, 8), 4, (5, 3), (2, 1), (2, 1), (2, 1), 1, True),
        ("k3x3_pad1_groups2", (3, 4, 5, 7), 6, (3, 3), (1, 1), (1, 1), (1, 1), 2, True),
        ("k2x4_stride2x1_groups2_no_bias", (3, 4, 7, 9), 2, (2, 4), (2, 1), (0, 0), (1, 1), 2, False),
        ("k3x3_pad1_depthwise", (2, 5, 6, 7), 5, (3, 3), (1, 1), (1, 1), (1, 1), 5, True),
        ("k3x3_pad1_depthwise_multiplier2", (2, 3, 5, 7), 6, (3, 3), (1, 1), (1, 1), (1, 1), 3, True),
        ("k3x3_pad1_f64", (2, 3, 7, 9), 5, (3, 3), (1, 1), (1, 1), (1, 1), 1, True),
        ("k5x3_stride2x1_pad2x1_dilation2x1_groups2_f64", (3, 4, 13, 8), 6, (5, 3), (2, 1), (2, 1), (2, 1), 2, True),
    ]
    for name, x, out, kernel, stride, padding, dilation, groups, bias in table:
        settings = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
        inputs = [x, (out, x[1] // groups, *kernel)] + [(out,)] * bias
        family.op(name, lambda *t, s=settings: F.conv2d(*t, **s), *inputs, **settings, kernel=kernel, bias=bias)
    family.save()


def pool2d():
    family = Family("pool2d")
    ties = lambda *shape: draw(*shape).round()
    negative = lambda *shape: -1 - draw(*shape).abs()
    table = [
        # name, input, kernel, stride, padding
        ("max_2x2", draw(2, 3, 6, 8), (2, 2), (2, 2), (0, 0)),
        ("max_2x2_sizes_do_not_divide", draw(2, 3, 7, 9), (2, 2), (2, 2), (0, 0)),
        ("max_4x4", draw(2, 3, 8, 12), (4, 4), (4, 4), (0, 0)),
        ("max_4x4_sizes_do_not_divide", draw(2, 3, 11, 18), (4, 4), (4, 4), (0, 0)),
        ("max_1x4", draw(2, 1, 5, 14), (1, 4), (1, 4), (0, 0)),
        ("max_2x4", draw(3, 1, 5, 13), (2, 4), (2, 4), (0, 0)),
        ("max_3x3_stride2_overlapping", draw(2, 3, 8, 9), (3, 3), (2, 2), (0, 0)),
        ("max_3x3_stride2_pad1", draw(2, 3, 7, 10), (3, 3), (2, 2), (1, 1)),
        ("max_3x2_stride1x2_pad1x0", draw(2, 3, 5, 8), (3, 2), (1, 2), (1, 0)),
        ("max_whole_input", draw(2, 3, 4, 5), (4, 5), (4, 5), (0, 0)),
        ("max_2x2_ties", ties(2, 3, 7, 8), (2, 2), (2, 2), (0, 0)),
        ("max_3x3_stride1_ties", ties(2, 3, 5, 6), (3, 3), (1, 1), (1, 1)),
        ("max_4x4_all_equal", torch.full((2, 1, 8, 9), 0.5), (4, 4), (4, 4), (0, 0)),
        ("max_3x3_stride2_pad1_negative", negative(2, 3, 6, 7), (3, 3), (2, 2), (1, 1)),
        ("max_2x2_f64", draw(2, 3, 7, 9), (2, 2), (2, 2), (0, 0)),
        ("avg_2x2", draw(2, 3, 6, 8), (2, 2), (2, 2), (0, 0)),
        ("avg_2x4_sizes_do_not_divide", draw(2, 3, 7, 9), (2, 4), (2, 4), (0, 0)),
        ("avg_3x3_stride2_pad1", draw(2, 3, 7, 10), (3, 3), (2, 2), (1, 1)),
        ("avg_3x3_stride2_pad1_without_padding_in_count", draw(2, 3, 7, 10), (3, 3), (2, 2), (1, 1)),
        ("avg_3x2_stride1_pad1x0_f64", draw(2, 3, 5, 8), (3, 2), (1, 1), (1, 0)),
    ]
    for name, x, kernel, stride, padding in table:
        settings = dict(stride=stride, padding=padding)
        if name.startswith("avg"):
            settings["count_include_pad"] = not name.endswith("without_padding_in_count")
        pool = F.max_pool2d if name.startswith("max") else F.avg_pool2d
        family.op(name, lambda t, p=pool, k=kernel, s=settings: p(t, k, **s), x, kernel=kernel, **settings)
    family.save()


def linear():
    family = Family("linear")
    for name, *shapes in [
        ("linear", (5, 7), (3, 7), (3,)),
        ("linear_no_bias", (5, 7), (3, 7)),
        ("linear_sequence", (2, 5, 7), (11, 7), (11,)),
        ("linear_one_row", (1, 13), (4, 13), (4,)),
        ("linear_f64", (2, 5, 7), (3, 7), (3,)),
    ]:
        family.op(name, F.linear, *shapes)
    for name, *shapes in [
        ("matmul", (5, 7), (7, 3)),
        ("matmul_1x1", (1, 1), (1, 1)),
        ("matmul_wide", (3, 65), (65, 33)),
        ("matmul_batch", (4, 5, 7), (4, 7, 3)),
        ("matmul_two_batch_axes", (2, 3, 5, 4), (2, 3, 4, 6)),
        ("matmul_broadcast_1", (2, 1, 5, 7), (1, 3, 7, 4)),
        ("matmul_broadcast_missing_axis", (2, 3, 5, 4), (4, 6)),
        ("matmul_broadcast_left", (5, 4), (3, 4, 2)),
        ("matmul_broadcast_f64", (2, 1, 5, 7), (3, 7, 4)),
    ]:
        family.op(name, torch.matmul, *shapes)
    family.op("matmul_transposed_input", lambda a, b: a.transpose(-1, -2) @ b, (2, 7, 5), (2, 7, 3), transposed=[0])
    family.save()


def elementwise():
    family = Family("elementwise")
    x = torch.cat([draw(51) * 2, torch.tensor([0.0, -0.0, 1e-6, -1e-6, 8, -8, 30, -30, 100, -100, 1e4, -1e4])])
    x = x.reshape(7, 9)
    moderate = x.clamp(-30, 30)
    positive = torch.cat([draw(20).exp(), torch.tensor([1e-10, 1e-4, 1.0, 1e4, 1e10])]).reshape(5, 5)[:, :4]
    for name, function, value in [
        ("relu", F.relu, x),
        ("gelu_exact", F.gelu, x),
        ("gelu_tanh", lambda t: F.gelu(t, approximate="tanh"), x),
        ("sigmoid", torch.sigmoid, x),
        ("tanh", torch.tanh, x),
        ("exp", torch.exp, moderate),
        ("log", torch.log, positive),
        ("sqrt", torch.sqrt, positive),
    ]:
        family.op(name, function, value)
        family.op(f"{name}_f64", function, value)
    broadcasts = [
        ("same", (2, 3, 5), (2, 3, 5)),
        ("row", (2, 3, 5), (5,)),
        ("channel", (2, 3, 4, 5), (3, 1, 1)),
        ("both", (2, 1, 5), (3, 1)),
        ("scalar", (2, 3), ()),
        ("left", (5,), (2, 3, 5)),
    ]
    for op, function in [("add", torch.add), ("sub", torch.sub), ("mul", torch.mul), ("div", torch.div)]:
        for kind, a, b in broadcasts:
            divisor = draw(*b)
            if op == "div":  # away from zero
                divisor = divisor.sign() * (0.5 + divisor.abs())
            family.op(f"{op}_{kind}", function, a, divisor)
    family.save()


def reduce_and_move():
    family = Family("reduce_and_move")
    for op, function in [("sum", torch.sum), ("mean", torch.mean)]:
        for kind, axes in [("axis0", [0]), ("axis1", [1]), ("last", [-1]), ("0_2", [0, 2]), ("1_2", [1, 2]), ("all", [0, 1, 2])]:
            family.op(f"{op}_{kind}", lambda x, f=function, a=axes: f(x, a), (3, 4, 5), axes=axes, keepdim=False)
        family.op(f"{op}_keepdim", lambda x, f=function: f(x, [1], keepdim=True), (3, 4, 5), axes=[1], keepdim=True)
    for name, axis, *shapes in [
        ("concat_axis0", 0, (2, 5), (3, 5)),
        ("concat_axis1", 1, (2, 3, 5), (2, 4, 5), (2, 1, 5)),
        ("concat_last", -1, (2, 3), (2, 4)),
        ("concat_one", 1, (2, 3)),
    ]:
        family.op(name, lambda *x, a=axis: torch.cat(x, a), *shapes, axis=axis)
    for name, order, shape in [
        ("permute_10", [1, 0], (3, 5)),
        ("permute_021", [0, 2, 1], (2, 3, 5)),
        ("permute_201", [2, 0, 1], (2, 3, 5)),
        ("permute_0213", [0, 2, 1, 3], (2, 3, 4, 5)),
        ("permute_3120", [3, 1, 2, 0], (2, 3, 4, 5)),
    ]:
        family.op(name, lambda x, o=order: x.permute(o), shape, order=order)
    family.save()


def softmax():
    family = Family("softmax")
    large = draw(3, 4, 5) * 1e4
    masked = draw(3, 4, 5).masked_fill(draw(3, 4, 5) > 0.5, -INF)
    masked[:, 0, :] = 0.5  # every row along every axis keeps a finite value
    masked[0] = masked[0].clamp(min=-2)
    masked[:, :, 0] = masked[:, :, 0].clamp(min=-3)
    inputs = {"": draw(3, 4, 5), "_large": large, "_large_equal": torch.full((2, 3), 1e4), "_masked": masked}
    for op, function in [("softmax", F.softmax), ("log_softmax", F.log_softmax)]:
        for kind, x in inputs.items():
            for axis in range(x.dim()) if x.dim() == 3 else [-1]:
                family.op(f"{op}{kind}_axis{axis}", lambda t, f=function, a=axis: f(t, a), x, axis=axis)
        family.op(f"{op}_one_class", lambda t, f=function: f(t, 1), (3, 1), axis=1)
        family.op(f"{op}_f64", lambda t, f=function: f(t, -1), (3, 4, 5), axis=-1)
    family.save()


def cross_entropy():
    """Reduction mean: with class weights PyTorch divides by the sum of the weights of the labels that occur."""
    family = Family("cross_entropy")
    weight = torch.tensor([0.5, 2.0, 1.0, 0.25, 3.0, 1.5, 0.75])
    extreme = 1e4 * draw(5, 7).sign()
    inputs = {"": draw(5, 7), "_extreme": extreme, "_confident": 20 * draw(5, 7), "_one_row": draw(1, 7)}
    variants = [("plain", False, 0.0), ("weight", True, 0.0), ("smoothing", False, 0.1), ("weight_smoothing", True, 0.1)]
    for kind, x in inputs.items():
        for variant, weighted, smoothing in variants:
            for suffix in ("", "_f64") if kind == "" else ("",):
                constants = {"labels": integers(7, len(x))} | ({"weight": weight} if weighted else {})
                family.case(
                    f"{variant}{kind}{suffix}",
                    lambda t, s=smoothing: F.cross_entropy(t["in0"], t["labels"], t.get("weight"), label_smoothing=s),
                    {"in0": x}, constants, label_smoothing=smoothing, class_weights=weighted)
    family.save()


if __name__ == "__main__":
    for write in (conv2d, pool2d, linear, elementwise, reduce_and_move, softmax, cross_entropy):
        write()
