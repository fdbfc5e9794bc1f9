"""Golden values of layers: parameters under their state-dict names, their gradients under `grad_<name>`."""

import torch
import torch.nn.functional as F
from torch import nn

from torch_golden import Family, draw

INF = float("inf")


def norm():
    family = Family("norm")

    def batches(layer, inputs, _):
        return torch.cat([layer(x) for x in inputs])

    def evaluate(layer, inputs, _):
        return F.batch_norm(inputs[0], layer.running_mean, layer.running_var, layer.weight, layer.bias, eps=layer.eps)

    offset = 1000 * torch.arange(1, 4).reshape(3, 1, 1)  # one-pass variances lose their digits here
    stats = ("running_mean", "running_var")
    for name, *inputs in [
        ("batchnorm2d_train", draw(2, 3, 4, 5)),
        ("batchnorm2d_train_one_image", draw(1, 3, 5, 7)),
        ("batchnorm2d_train_large_mean", offset + draw(4, 3, 5, 6)),
        ("batchnorm2d_train_constant_channel", draw(2, 3, 4, 5) * torch.tensor([1.0, 0.0, 1.0]).reshape(3, 1, 1)),
        ("batchnorm2d_train_three_batches", draw(2, 3, 4, 5), 2 + draw(1, 3, 4, 5), 3 * draw(4, 3, 4, 5)),
        ("batchnorm2d_train_f64", draw(2, 3, 4, 5)),
    ]:
        family.layer(name, nn.BatchNorm2d(3), inputs, batches, after=stats, eps=1e-5, momentum=0.1)
    for name in ("batchnorm2d_eval", "batchnorm2d_eval_f64"):
        layer = nn.BatchNorm2d(3).double()
        layer.running_mean.copy_(draw(3).float())
        layer.running_var.copy_((0.2 + draw(3).abs()).float())
        family.layer(name, layer, [draw(2, 3, 4, 5)], evaluate, after=stats, eps=1e-5)
    for name, size, x in [
        ("layernorm", [7], draw(2, 3, 7)),
        ("layernorm_matrix", [13], draw(5, 13)),
        ("layernorm_two_axes", [4, 5], draw(2, 3, 4, 5)),
        ("layernorm_large_mean", [40], 1000 + draw(3, 40)),
        ("layernorm_constant_row", [5], torch.full((2, 5), 3.0)),
        ("layernorm_f64", [7], draw(2, 3, 7)),
    ]:
        family.layer(name, nn.LayerNorm(size), [x], normalized_shape=size, eps=1e-5)
    family.save()


def padding_mask(*lengths, steps):
    """1 where a key is padding: sequence n keeps its first lengths[n] steps."""
    return (torch.arange(steps) >= torch.tensor(lengths).unsqueeze(1)).float()


def attention():
    """A mask of kind boolean is stored as 0 and 1 (1: may not be attended), of kind additive as what is added."""
    family = Family("attention")
    heads, embedding, t, s = 3, 12, 5, 7
    future = torch.ones(t, t).triu(1)
    additive = draw(t, s).masked_fill(draw(t, s) > 1, -INF)
    additive[:, 0] = 0.5

    def mask(constants, role, kind="boolean"):
        value = constants.get(role)
        return value if value is None or kind == "additive" else value.bool()

    table = [
        # name, shapes of query, key, value, masks, kind of attn_mask
        ("self", [(2, t)], {}, None),
        ("self_padding", [(2, t)], {"key_padding_mask": padding_mask(5, 2, steps=t)}, None),
        ("self_causal", [(2, t)], {"attn_mask": future}, "boolean"),
        ("self_causal_padding", [(2, t)], {"attn_mask": future, "key_padding_mask": padding_mask(4, 3, steps=t)}, "boolean"),
        ("cross", [(2, t), (2, s)], {}, None),
        ("cross_three_inputs", [(2, t), (2, s), (2, s)], {}, None),
        ("cross_padding", [(2, t), (2, s)], {"key_padding_mask": padding_mask(1, 6, steps=s)}, None),
        ("cross_additive", [(2, t), (2, s)], {"attn_mask": additive}, "additive"),
        ("cross_boolean", [(2, t), (2, s)], {"attn_mask": (additive == -INF).float()}, "boolean"),
        ("cross_large_scores", [(2, t), (2, s)], {}, None),
        ("self_padding_f64", [(2, t)], {"key_padding_mask": padding_mask(5, 2, steps=t)}, None),
        ("cross_f64", [(2, t), (2, s)], {}, None),
    ]
    for name, shapes, masks, kind in table:
        def call(layer, x, constants, kind=kind):
            out, weights = layer(
                x[0], x[min(1, len(x) - 1)], x[-1],
                key_padding_mask=mask(constants, "key_padding_mask"), attn_mask=mask(constants, "attn_mask", kind))
            return out, {"weights": weights}

        scale = 10 if "large" in name else 1
        inputs = [scale * draw(*shape, embedding) for shape in shapes]
        layer = nn.MultiheadAttention(embedding, heads, batch_first=True)
        family.layer(f"multihead_{name}", layer, inputs, call, masks, heads=heads, embedding=embedding,
                     query=0, key=min(1, len(shapes) - 1), value=len(shapes) - 1, attn_mask=kind)

    lone = (additive == -INF).float()
    lone[2] = 1  # a query that may attend nothing: PyTorch's answer is zero, not NaN
    for name, masks, kind, options in [
        ("plain", {}, None, {}),
        ("additive", {"attn_mask": additive}, "additive", {}),
        ("boolean", {"attn_mask": lone}, "boolean", {}),
        ("causal", {}, None, {"is_causal": True}),
        ("scale", {}, None, {"scale": 0.3}),
        ("f64", {}, None, {}),
    ]:
        keys = t if name == "causal" else s
        def call(x, kind=kind, options=options):
            value = mask(x, "attn_mask", kind)
            if kind == "boolean":  # the functional form reads True as "may be attended", unlike the layer
                value = ~value
            return F.scaled_dot_product_attention(x["in0"], x["in1"], x["in2"], value, **options)

        leaves = {"in0": draw(2, heads, t, 4), "in1": draw(2, heads, keys, 4), "in2": draw(2, heads, keys, 6)}
        family.case(f"scaled_dot_product_{name}", call, leaves, masks, attn_mask=kind, **options)
    family.save()


def transformer():
    family = Family("transformer")
    d, heads, ff, t = 12, 3, 17, 5

    def call(layer, x, constants):
        padding = constants.get("src_key_padding_mask")
        return layer(x[0], src_key_padding_mask=None if padding is None else padding.bool())

    padding = {"src_key_padding_mask": padding_mask(5, 3, steps=t)}
    for name, layers, norm_first, activation, final_norm, masks in [
        # name, number of layers (0: the bare layer), norm_first, activation, final norm, masks
        ("layer_post_norm_relu", 0, False, "relu", False, {}),
        ("layer_post_norm_gelu", 0, False, "gelu", False, {}),
        ("layer_norm_first_relu", 0, True, "relu", False, {}),
        ("layer_norm_first_gelu", 0, True, "gelu", False, {}),
        ("layer_post_norm_relu_padding", 0, False, "relu", False, padding),
        ("layer_norm_first_gelu_padding", 0, True, "gelu", False, padding),
        ("encoder_post_norm", 2, False, "relu", False, {}),
        ("encoder_post_norm_final_norm", 2, False, "relu", True, {}),
        ("encoder_norm_first_final_norm_padding", 2, True, "gelu", True, padding),
        ("layer_post_norm_relu_f64", 0, False, "relu", False, {}),
    ]:
        layer = nn.TransformerEncoderLayer(d, heads, ff, 0.0, activation, norm_first=norm_first, batch_first=True)
        if layers:
            norm = nn.LayerNorm(d) if final_norm else None
            layer = nn.TransformerEncoder(layer, layers, norm, enable_nested_tensor=False)
        family.layer(name, layer, [draw(2, t, d)], call, masks, embedding=d, heads=heads, feed_forward=ff,
                     layers=layers, norm_first=norm_first, activation=activation, final_norm=final_norm)
    family.save()


def conv_block():
    """conv (0) -> batch norm (1) -> ReLU (2) -> max pool (3) in training mode.

    The scales of the batch norm are negative, zero and positive. A channel of scale zero is constant, so its windows
    are all ties: the gradient goes to the first position of each, or nowhere where the ReLU cuts.
    """
    family = Family("conv_block")
    for name, x, out, pool in [
        ("pool_2x2", (3, 2, 9, 11), 5, (2, 2)),
        ("pool_4x4", (2, 3, 13, 18), 5, (4, 4)),
        ("pool_2x2_one_channel", (2, 1, 8, 35), 6, (2, 2)),
        ("pool_4x4_wide", (3, 4, 8, 21), 17, (4, 4)),
        ("pool_2x4", (2, 3, 6, 9), 4, (2, 4)),
        ("pool_2x2_f64", (3, 2, 9, 11), 5, (2, 2)),
        ("pool_4x4_f64", (2, 3, 13, 18), 5, (4, 4)),
    ]:
        block = nn.Sequential(nn.Conv2d(x[1], out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(pool))
        with torch.no_grad():
            for parameter in block.parameters():
                parameter.copy_(0.4 * draw(*parameter.shape))
            block[1].weight.copy_((draw(out).abs() + 0.3) * torch.tensor([1.0, -1.0] * out)[:out])
            block[1].weight[2:4] = 0
            block[1].bias[2:4] = torch.tensor([0.25, -0.25])
        family.layer(name, block, [draw(*x)], after=("1.running_mean", "1.running_var"), redraw=False,
                     kernel=(3, 3), padding=(1, 1), pool=pool, eps=1e-5, momentum=0.1)
    family.save()


if __name__ == "__main__":
    for write in (norm, attention, transformer, conv_block):
        write()
