"""Writes the model of a GGUF file as a folder of 32-bit floats, one tensor at a time.

A quantised weight is a small whole number times a 16-bit scale (for Q4_K and Q6_K times a second whole number). The
product has more digits than float16 or bfloat16, and fits float32. A model in 16 bits is rounded when the folder is
loaded.

At most one tensor is in memory, so the conversion needs far less memory than the model.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Step = Callable[[float], None]
_FLOAT_BYTES = 4
_CHUNK = 1 << 22  # numbers that are converted at once
_READY = 0.3
"""Share of the work that is done when tokenizer and configuration are read."""


class NotUnderstood(ValueError):
    """The file has something that cannot be converted; the message names it."""


def write_dense(gguf: Path, folder: Path, step: Step) -> None:
    """Write weights, configuration and tokenizer of ``gguf`` into ``folder``. ``step`` gets the share done, 0..1.

    Raises :class:`NotUnderstood` where a tensor of the file has no place in the model, or the file lacks one of the
    model.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    place, name = str(gguf.parent), gguf.name
    tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=name)
    check_start(gguf, tokenizer)
    step(_READY / 2)
    config = AutoConfig.from_pretrained(place, gguf_file=name)
    with torch.device("meta"):  # the model with shapes and names only, which takes no memory
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.tie_weights()
    step(_READY)
    shapes = {key: tuple(weight.shape) for key, weight in model.named_parameters()}
    write_tensors(
        folder / "model.safetensors", shapes, _tensors(gguf, model), lambda share: step(_READY + share * (1 - _READY))
    )
    config.architectures = [type(model).__name__]
    config.dtype = torch.float32
    config.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def check_start(gguf: Path, tokenizer: Any) -> None:
    """Raise :class:`NotUnderstood` unless ``tokenizer`` adds exactly one beginning-of-sequence token where the file
    wants it.

    Without it a probability of Gemma 3 270M changes by .59, with two by .03. A chat template writes the token itself,
    so a model with a template is not checked.
    """
    from gguf import GGUFReader

    wanted = GGUFReader(str(gguf)).fields.get("tokenizer.ggml.add_bos_token")
    if wanted is None or not wanted.contents() or tokenizer.chat_template:
        return
    put = list(tokenizer("A")["input_ids"]).count(tokenizer.bos_token_id)
    if put != 1:
        raise NotUnderstood(f"the file wants one beginning-of-sequence token, and its tokenizer puts {put}")


def dense_bytes(gguf: Path) -> int:
    """Size of the weights of ``gguf`` as 32-bit floats, in bytes. Reads only the header and needs no torch.

    Raises :class:`NotUnderstood` where the file is no GGUF.
    """
    from gguf import GGUFReader

    try:
        return sum(int(tensor.n_elements) for tensor in GGUFReader(str(gguf)).tensors) * _FLOAT_BYTES
    except (ValueError, IndexError, OSError, KeyError) as error:
        raise NotUnderstood(f"it is no GGUF file that can be read ({error})") from error


def write_tensors(
    path: Path, shapes: Mapping[str, tuple[int, ...]], tensors: Iterator[tuple[str, np.ndarray]], step: Step
) -> None:
    """Write ``tensors``, pairs of a name and a 32-bit array of the shape in ``shapes``, as one safetensors file.

    They may come in any order. The file has the length of the header, a JSON header with the place of each tensor, and
    the numbers. Raises :class:`NotUnderstood` unless each name comes once and in its shape.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name in sorted(shapes):
        size = math.prod(shapes[name]) * _FLOAT_BYTES
        header[name] = {"dtype": "F32", "shape": list(shapes[name]), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    written, missing = 0, set(shapes)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        start = file.tell()
        for name, values in tensors:
            if name not in missing:
                raise NotUnderstood(f"the file has the tensor {name} twice, or the model has no place for it")
            if values.shape != shapes[name]:
                raise NotUnderstood(f"{name} is {values.shape} in the file and {shapes[name]} in the model")
            missing.remove(name)
            file.seek(start + header[name]["data_offsets"][0])
            file.write(_bytes(values))
            written += values.nbytes
            del values
            step(min(written / max(end, 1), 1.0))
    if missing:
        raise NotUnderstood(f"the file lacks {len(missing)} tensors of the model: {', '.join(sorted(missing)[:3])}")


def _bytes(values: np.ndarray) -> memoryview:
    import numpy as np

    return np.ascontiguousarray(values, dtype="<f4").data.cast("B")


def _tensors(gguf: Path, model: Any) -> Iterator[tuple[str, np.ndarray]]:
    """The tensors of the file in 32 bits, by their names in ``model``."""
    import numpy as np
    from gguf import GGUFReader, dequantize
    from transformers import modeling_gguf_pytorch_utils as known

    reader = GGUFReader(str(gguf))
    architecture = str(reader.fields["general.architecture"].contents())
    make = known.TENSOR_PROCESSORS.get(architecture, known.TensorProcessor)
    whole = (known.TensorProcessor, known.LlamaTensorProcessor, known.Gemma2TensorProcessor)
    if make not in (*whole, known.NemotronTensorProcessor):
        # Other architectures split one tensor into several, or join some.
        raise NotUnderstood(f"models of the kind {architecture} cannot be read from a GGUF file yet")
    processor = make(config=model.config.to_dict())
    names = known.get_gguf_hf_weights_map(model, processor)
    for tensor in reader.tensors:
        if tensor.name not in names:
            raise NotUnderstood(f"the tensor {tensor.name} of the file has no place in a {architecture} model")
        values = np.empty(tuple(int(n) for n in reversed(tensor.shape)), np.float32)
        rows = max(_CHUNK // max(values[0].size, 1), 1) if values.ndim > 1 else len(values)
        for first in range(0, len(values), rows):  # the library needs several times the memory of its input
            part = slice(first, first + rows)
            values[part] = dequantize(tensor.data[part], tensor.tensor_type) if values.ndim > 1 else tensor.data
        yield names[tensor.name], processor.process(weights=values, name=tensor.name).weights
