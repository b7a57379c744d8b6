"""BridgeTower for NLVR2, SNLI-VE and retrieval on Hugging Face's implementation.

`transformers` has heads for retrieval (`BridgeTowerForContrastiveLearning`, `BridgeTowerForImageAndTextRetrieval`) but
none for the classification tasks. Those here follow microsoft/BridgeTower and keep its key names,
`nlvr2_classifier.{0,1,3}.*` and `snli_classifier.{0,1,3}.*`, beside Hugging Face's; the retrieval heads have the names
that both give them.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BridgeTowerConfig, BridgeTowerModel

from hf.meter import Named, classifier

HEADS = {"nlvr2": "nlvr2_classifier.3.weight", "snli": "snli_classifier.3.weight", "itm": "itm_score.fc.weight",
         "itc": "itc_text_head.fc.weight"}


class BridgeTowerForTasks(nn.Module):
    """`heads` names the heads to build: "nlvr2", "snli", "itm", "itc"; the number is the size of the ITC embeddings."""

    def __init__(self, config: BridgeTowerConfig, heads: dict[str, int]) -> None:
        super().__init__()
        config._attn_implementation = "eager"
        self.config = config
        self.bridgetower = BridgeTowerModel(config)
        rows = getattr(config, "token_type_vocab_size", 2)
        if rows != 2:  # transformers always makes two; NLVR2 tells its images apart with a third
            self.bridgetower.token_type_embeddings = nn.Embedding(rows, config.hidden_size)
        pooled = 2 * config.hidden_size
        if "nlvr2" in heads:
            self.nlvr2_classifier = classifier(2 * pooled, pooled, 2)
        if "snli" in heads:
            self.snli_classifier = classifier(pooled, pooled, 3)
        if "itm" in heads:
            self.itm_score = Named(fc=nn.Linear(pooled, 2))
        if "itc" in heads:
            self.itc_text_head = Named(fc=nn.Linear(config.hidden_size, heads["itc"]))
            self.itc_image_head = Named(fc=nn.Linear(config.hidden_size, heads["itc"]))
            self.logit_scale = nn.Parameter(torch.tensor(2.6592))  # ln(1 / 0.07), CLIP's start

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, pixel_values: torch.Tensor,
                image_type: int = 1) -> torch.Tensor:
        """[B, 2H]: the pooled text and image, which the heads read."""
        return self.bridgetower(input_ids=input_ids, attention_mask=attention_mask, pixel_values=pixel_values,
                                image_token_type_idx=image_type).pooler_output


def itc_embeddings(model: BridgeTowerForTasks, input_ids: torch.Tensor, attention_mask: torch.Tensor,
                   pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Image and text embeddings, [B, D], of length 1, as `BridgeTowerForContrastiveLearning` computes them.

    That class itself cannot run a model whose vision tower is wider than its cross-modal layers: it gives the token
    type the shape of the features before their projection.
    """
    tower = model.bridgetower
    states = tower(input_ids=input_ids, attention_mask=attention_mask, pixel_values=pixel_values, output_hidden_states=True)
    texts, images, _ = states.hidden_states
    image = tower.cross_modal_image_transform(tower.vision_model.visual.forward_post(images[-1]))
    image = image + tower.token_type_embeddings.weight[1]
    return (nn.functional.normalize(model.itc_image_head.fc(image[:, 0]), dim=-1),
            nn.functional.normalize(model.itc_text_head.fc(texts[-1][:, 0]), dim=-1))


def load_model(folder: Path) -> BridgeTowerForTasks:
    """Load a directory that `bridgetower_vqa.save_model` wrote, in fp32 and eval mode."""
    config = BridgeTowerConfig.from_pretrained(folder)
    tensors = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
    model = BridgeTowerForTasks(config, {head: len(tensors[name]) for head, name in HEADS.items() if name in tensors})
    loaded = model.load_state_dict(tensors, strict=False)
    missing = [name for name in loaded.missing_keys if ".text_model.pooler." not in name]
    if missing or loaded.unexpected_keys:
        raise ValueError(f"{folder}: missing {missing}, unexpected {loaded.unexpected_keys}")
    return model.eval()
