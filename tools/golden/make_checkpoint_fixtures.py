#!/usr/bin/env python3
"""Write the small checkpoint files of tests/golden/data/checkpoint.

Usage: make_checkpoint_fixtures.py OUT_FOLDER

Needs torch, numpy and safetensors; their versions are recorded in OUT_FOLDER/VERSIONS.txt. Everything is seeded, so
that the same versions write the same tensors (torch puts a random serialization id into its archives).
"""

import argparse
import collections
import io
import math
import pathlib
import platform
import sys
import types

import numpy
import safetensors
import safetensors.torch
import torch

SEED = 20221222


def fake_module(name):
    """Registers an empty module, so that classes of packages that are not installed can be pickled by name."""
    parts = name.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    return sys.modules[name]


def fake_class(module, name, base=object):
    made = type(name, (base,), {"__module__": module})
    setattr(fake_module(module), name, made)
    return made


def save(value, path, location=None, **options):
    """torch.save, with every storage tagged as if it lay on `location`."""
    original = torch.serialization.location_tag
    if location is not None:
        torch.serialization.location_tag = lambda storage: location
    try:
        torch.save(value, path, **options)
    finally:
        torch.serialization.location_tag = original


def state_dict():
    torch.manual_seed(SEED)
    tensors = collections.OrderedDict()
    tensors["layer.weight"] = torch.randn(3, 4)
    tensors["layer.bias"] = torch.randn(3).half()
    tensors["embeddings.position_ids"] = torch.arange(5).unsqueeze(0)
    tensors["scale"] = torch.tensor(2.6592)
    tensors._metadata = collections.OrderedDict([("", {"version": 1}), ("layer", {"version": 1})])
    return tensors


def hyper_parameters():
    return {
        "config": {"hidden_size": 64, "num_heads": 4, "drop_rate": 0.1, "vit": "ViT-B/16", "test_only": False,
                   "loss_names": {"vqa": 1, "itm": 0}, "load_path": "", "none": None, "large": 1 << 40,
                   "huge": 1 << 80, "negative": -7, "minus_infinity": -math.inf, "nan": math.nan,
                   "sizes": (1, 2, 3), "names": ["a", "Ü", "日"], "flags": {"x"}, "frozen": frozenset([3])},
        "numpy_float": numpy.float64(0.25), "numpy_int": numpy.int64(-3), "numpy_bool": numpy.bool_(True),
        "device": torch.device("cuda", 0), "dtype": torch.float16, "shape": torch.Size([2, 3]),
        "args": argparse.Namespace(lr=0.5, name="run"), "path": pathlib.PurePosixPath("/data/x"),
        "tensor": torch.zeros(2, 2), "raw": b"\x00\xff", 7: "integer key",
    }


def lightning(callbacks, hyper):
    return {
        "epoch": 3, "global_step": 1234, "pytorch-lightning_version": "1.5.10", "state_dict": state_dict(),
        "callbacks": callbacks, "lr_schedulers": [{"last_epoch": 3, "_last_lr": [1e-5]}],
        "optimizer_states": [{"state": {0: {"step": 1, "exp_avg": torch.zeros(3, 4)}}, "param_groups": []}],
        "hparams_name": "config", "hyper_parameters": hyper,
    }


def every_dtype():
    torch.manual_seed(SEED + 1)
    floats = torch.randn(2, 3)
    return {
        "f64": floats.double(), "f32": floats, "f16": floats.half(), "bf16": floats.bfloat16(),
        "i64": torch.tensor([1 << 40, -1]), "i32": torch.tensor([7, -8], dtype=torch.int32),
        "i16": torch.tensor([9, -10], dtype=torch.int16), "i8": torch.tensor([11, -12], dtype=torch.int8),
        "u8": torch.tensor([13, 250], dtype=torch.uint8), "bool": torch.tensor([True, False]),
    }


def views():
    base = torch.arange(24, dtype=torch.float32)
    matrix = base.view(4, 6)
    return {
        "base": base, "offset": base[5:9], "transposed": matrix.t(), "block": matrix[1:3, 2:5],
        "every_second": base[::2], "expanded": base[3:4].view(1, 1).expand(2, 3), "scalar": base[7],
        "empty": torch.empty(0, 3), "permuted": base.view(2, 3, 4).permute(2, 0, 1),
        "parameter": torch.nn.Parameter(torch.ones(2, 2)), **every_dtype(),
    }


def rounding():
    """float32 values around every rounding decision of float16 and bfloat16, and what PyTorch makes of them."""
    generator = numpy.random.default_rng(SEED)
    exponents = numpy.arange(256, dtype=numpy.uint32) << 23
    mantissas = numpy.array([0, 1, 0x1000, 0x1001, 0x2000, 0x3000, 0x2FFF, 0x7FFF, 0x8000, 0x8001, 0x18000, 0x400000,
                             0x7FEFFF, 0x7FF000, 0x7FFFFF], dtype=numpy.uint32)
    bits = (exponents[:, None] | mantissas[None, :]).ravel()
    bits = numpy.concatenate([bits, bits[::5] | numpy.uint32(1 << 31),
                              generator.integers(0, 1 << 32, 400, dtype=numpy.uint32)])
    values = torch.from_numpy(bits.view(numpy.float32).copy())
    values = values[~values.isnan()]
    half, brain = values.half(), values.bfloat16()
    return {"f32": values, "f16": half, "bf16": brain, "f32_of_f16": half.float(), "f32_of_bf16": brain.float()}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    save(lightning({"ModelCheckpoint{'monitor': 'val/the_metric'}": {"best_model_score": torch.tensor(0.5)}},
                   hyper_parameters()), out / "lightning_1_5.ckpt", "cuda:0")
    checkpoint_class = fake_class("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
    attribute_dict = fake_class("pytorch_lightning.utilities.parsing", "AttributeDict", dict)
    hyper = attribute_dict({"config": {"hidden_size": 64, "num_heads": 2}})
    hyper.extra = 1
    save(lightning({checkpoint_class: {"monitor": "val"}}, hyper), out / "lightning_1_4.ckpt", "cuda:0")
    for protocol in (3, 4, 5):
        save(lightning({}, {"config": {"protocol": protocol, "set": {1}}}), out / f"protocol_{protocol}.ckpt",
             pickle_protocol=protocol)
    save(state_dict(), out / "state_dict.bin")
    save({"only": torch.ones(2)}, out / "single_item.bin")
    save(views(), out / "views.bin")
    safetensors.torch.save_file({k: v.detach().clone().contiguous() for k, v in views().items()},
                                out / "views.safetensors", metadata={"format": "pt", "note": "Ü"})
    safetensors.torch.save_file(dict(state_dict()), out / "state_dict.safetensors")
    safetensors.torch.save_file(rounding(), out / "rounding.safetensors")
    # Files that are refused.
    save(state_dict(), out / "refused_legacy.bin", _use_new_zipfile_serialization=False)
    save(torch.nn.Linear(2, 2), out / "refused_module.bin")
    save({"complex": torch.zeros(2, dtype=torch.complex64)}, out / "refused_complex.bin")
    save({"uint16": torch.zeros(2, dtype=torch.uint16)}, out / "refused_uint16.bin")
    save({"sparse": torch.eye(2).to_sparse()}, out / "refused_sparse.bin")
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Identity()), script)
    (out / "refused_script.pt").write_bytes(script.getvalue())
    safetensors.torch.save_file({"x": torch.zeros(2, dtype=torch.float8_e5m2)}, out / "refused_f8.safetensors")
    (out / "VERSIONS.txt").write_text(
        f"written by tools/golden/make_checkpoint_fixtures.py, seed {SEED}\npython {platform.python_version()}\n"
        f"torch {torch.__version__}\nnumpy {numpy.__version__}\nsafetensors {safetensors.__version__}\n")


if __name__ == "__main__":
    main()
