"""BridgeTower's two-stage retrieval with Hugging Face's classes: embeddings, candidates, ITM, ranks; and comparisons."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import BridgeTowerConfig, BridgeTowerForImageAndTextRetrieval

from hf.bridgetower_tasks import itc_embeddings, load_model
from hf.task_files import CaptionSet, read_karpathy
from hf.vqa_data import encode, load_tokenizer, square_pixels

TOLERANCE = 2e-5
IMAGE_TO_TEXT, TEXT_TO_IMAGE = 1, 2
NO_SCORE = -100.0  # of pairs that are no candidates

Tensors = dict[str, torch.Tensor]


def load_matcher(folder: Path) -> BridgeTowerForImageAndTextRetrieval:
    """Hugging Face's ITM class with the weights of a checkpoint that has the ITC heads as well."""
    config = BridgeTowerConfig.from_pretrained(folder)
    config._attn_implementation = "eager"
    model = BridgeTowerForImageAndTextRetrieval(config)
    tensors = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
    loaded = model.load_state_dict(tensors, strict=False)
    missing = [name for name in loaded.missing_keys if ".text_model.pooler." not in name]
    extra = [name for name in loaded.unexpected_keys if not name.startswith(("itc_", "logit_scale"))]
    if missing or extra:
        raise ValueError(f"{folder}: missing {missing}, unexpected {extra}")
    return model.eval()


def candidates(similarity: torch.Tensor, top_k: int) -> torch.Tensor:
    """[images, captions] uint8: in which direction's best k a pair is; of equal ones the lower index is better."""
    found = torch.zeros(similarity.shape, dtype=torch.uint8)
    for matrix, flags, bit in ((similarity, found, IMAGE_TO_TEXT), (similarity.T, found.T, TEXT_TO_IMAGE)):
        order = matrix.sort(dim=1, descending=True, stable=True).indices[:, :top_k]
        flags |= torch.zeros_like(flags).scatter_(1, order, bit)
    return found


@torch.inference_mode()
def score(entry: dict, root: Path, batch: int) -> Tensors:
    """Everything that bteval's score file holds, computed by Hugging Face's model."""
    folder = root / entry["model"]
    data = read_karpathy(root / entry["data"], entry["task"], entry["split"])
    tokenizer = load_tokenizer(folder, entry["max_length"])
    pixels = torch.stack([square_pixels(image, entry["image_size"]) for image in data.images])
    texts = list(dict.fromkeys(data.captions))  # equal captions get equal embeddings
    row_of = torch.tensor([texts.index(text) for text in data.captions])

    model = load_model(folder)
    images, captions = [], []
    for start in range(0, len(pixels), batch):
        some = pixels[start : start + batch]
        ids, mask = encode(tokenizer, [texts[0]] * len(some))
        images.append(itc_embeddings(model, ids, mask, some)[0])
    for start in range(0, len(texts), batch):
        ids, mask = encode(tokenizer, texts[start : start + batch])
        some = pixels[:1].expand(len(ids), -1, -1, -1)
        captions.append(itc_embeddings(model, ids, mask, some)[1])
    image, text = torch.cat(images), torch.cat(captions)[row_of]
    similarity = image @ text.T
    directions = candidates(similarity, entry["top_k"])

    matcher = load_matcher(folder)
    pairs, cross = directions.nonzero(), []
    for some in pairs.split(8 * batch):
        ids, mask = encode(tokenizer, [data.captions[caption] for caption in some[:, 1].tolist()])
        cross.append(matcher(input_ids=ids, attention_mask=mask, pixel_values=pixels[some[:, 0]]).logits[:, 1])
    result = {"image_embeddings": image, "text_embeddings": text, "pair_image": pairs[:, 0].int(),
              "pair_caption": pairs[:, 1].int(), "pair_itc": similarity[pairs[:, 0], pairs[:, 1]],
              "pair_cross": torch.cat(cross), "pair_directions": directions[pairs[:, 0], pairs[:, 1]]}
    result = {name: tensor.contiguous() for name, tensor in result.items()}
    print("  reference: " + ", ".join(f"{name} {100 * value:.1f}" for name, value in recalls(result, data).items()))
    return result


def matrix_of(scores: Tensors) -> torch.Tensor:
    """The ITM scores of the candidates, [images, captions], NO_SCORE elsewhere."""
    shape = len(scores["image_embeddings"]), len(scores["text_embeddings"])
    matrix = torch.full(shape, NO_SCORE)
    matrix[scores["pair_image"].long(), scores["pair_caption"].long()] = scores["pair_cross"]
    return matrix


def ranks(matrix: torch.Tensor, image_of: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """From 0: of each image's best caption in its row, and of each caption's image in its column; ties by index."""
    place = matrix.sort(dim=1, descending=True, stable=True).indices.argsort(1)
    own = torch.tensor(image_of)
    rows = torch.stack([place[image][own == image].min() for image in range(len(matrix))])
    place = matrix.T.sort(dim=1, descending=True, stable=True).indices.argsort(1)
    return rows, place[torch.arange(len(own)), own]


def recalls(scores: Tensors, data: CaptionSet) -> dict[str, float]:
    text, image = ranks(matrix_of(scores), data.image_of)
    return {f"{name}@{k}": float((rank < k).float().mean()) for name, rank in (("TR", text), ("IR", image))
            for k in (1, 5, 10)}


def set_faults(reference: Tensors, run: Tensors, top_k: int) -> list[str]:
    """Candidates that one side alone has, unless the similarity that decides is as good as equal to another's."""
    faults = []
    shape = len(reference["image_embeddings"]), len(reference["text_embeddings"])
    similarity = reference["image_embeddings"] @ reference["text_embeddings"].T
    flags = []
    for side in (reference, run):
        flags.append(torch.zeros(shape, dtype=torch.uint8))
        flags[-1][side["pair_image"].long(), side["pair_caption"].long()] = side["pair_directions"]
    for bit, turn in ((IMAGE_TO_TEXT, False), (TEXT_TO_IMAGE, True)):
        want, have, near = ((flags[0] & bit), (flags[1] & bit), similarity)
        if turn:
            want, have, near = want.T, have.T, near.T
        border = near.sort(1, descending=True).values[:, min(top_k, near.shape[1]) - 1]
        for row, column in (want != have).nonzero().tolist():
            if abs(float(near[row, column] - border[row])) > 1e-6:
                faults.append(f"direction {bit}, query {row}, candidate {column}")
    return faults


def compare(entry: dict, reference: Tensors, folder: Path, root: Path) -> int:
    """Print and count what differs in a run's scores.safetensors."""
    run = load_file(folder / "scores.safetensors")
    faults = [f"no tensor {name}" for name in reference if name not in run]
    if faults:
        print(f"  {faults}")
        return len(faults)
    gaps = {}
    for name in ("image_embeddings", "text_embeddings"):
        gaps[name] = float((reference[name] - run[name]).abs().max())
    gaps["similarities"] = float((reference["image_embeddings"] @ reference["text_embeddings"].T
                                  - run["image_embeddings"] @ run["text_embeddings"].T).abs().max())
    faults += set_faults(reference, run, entry["top_k"])
    want, have = matrix_of(reference), matrix_of(run)
    both = (want != NO_SCORE) & (have != NO_SCORE)
    gaps["ITM scores"] = float((want - have)[both].abs().max())
    faults += [f"{name} differ by {gap:.2e}" for name, gap in gaps.items() if gap > TOLERANCE]
    data = read_karpathy(root / entry["data"], entry["task"], entry["split"])
    for name, ours, theirs in zip(("TR", "IR"), ranks(have, data.image_of), ranks(want, data.image_of)):
        faults += [f"{name} rank of query {query}: {int(ours[query])}, reference {int(theirs[query])}"
                   for query in (ours != theirs).nonzero()[:, 0].tolist()]
    print(f"  {len(reference['pair_image'])} pairs, {len(faults)} faults; largest differences: "
          + ", ".join(f"{name} {gap:.2e}" for name, gap in gaps.items()))
    for fault in faults[:20]:
        print(f"    {fault}")
    return len(faults)


def write(path: Path, scores: Tensors) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(scores, path)
