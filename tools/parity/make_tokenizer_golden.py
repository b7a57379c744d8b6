#!/usr/bin/env python3
"""Write tests/golden/data/text/*.json: small tokenizers of many kinds, with the ids that `tokenizers` gives random texts.

    python3 tools/parity/make_tokenizer_golden.py

Each file holds {"tokenizer": tokenizer.json, "cases": [{"text", "ids"}]} and what it was made with. The vocabulary is
trained on texts of this script, so nothing in it is anybody else's.
"""

import json
import pathlib
import random

import tokenizers
from tokenizers import AddedToken, ByteLevelBPETokenizer, Tokenizer

from random_texts import RandomTexts

TARGET = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/data/text"
SEED = 7
CASES = 120
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def train():
    rng = random.Random(SEED)
    nouns = "circle square triangle sphere cube star ring arrow table window photograph street".split()
    words = "red green blue yellow left right above below behind small large how many what colour is the a are there".split()
    lines = [" ".join(rng.choice(words + nouns) for _ in range(8)).capitalize() + "?" for _ in range(500)]
    lines += ["it's they're we've I'm she'll he'd don't", "na\u00efve caf\u00e9 \u4e16\u754c\u4e16\u754c \u0434\u0430 \u0434\u0430", "1 12 123 2024", "a  b   c"] * 30
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(lines, vocab_size=420, min_frequency=2, special_tokens=SPECIALS, show_progress=False)
    return json.loads(trained.to_str())


def roberta(document, mask_lstrip=True, add_prefix_space=False):
    """Turn what ByteLevelBPETokenizer writes into the form of roberta-base's tokenizer.json."""
    document["pre_tokenizer"]["add_prefix_space"] = add_prefix_space
    ids = document["model"]["vocab"]
    document["post_processor"] = {"type": "RobertaProcessing", "sep": ["</s>", ids["</s>"]], "cls": ["<s>", ids["<s>"]],
                                  "trim_offsets": True, "add_prefix_space": add_prefix_space}
    for token in document["added_tokens"]:
        token["lstrip"] = mask_lstrip and token["content"] == "<mask>"
    return document


def without_bytes(document, lacking):
    """Drop byte tokens, and with them every merge that needs one."""
    model = document["model"]
    keep = [token for token in model["vocab"] if token in SPECIALS or not any(c in lacking for c in token)]
    model["vocab"] = {token: i for i, token in enumerate(keep)}
    model["merges"] = [pair for pair in model["merges"] if "".join(pair) in model["vocab"]]
    return roberta(document)


def variants():
    plain = train()
    fresh = lambda: json.loads(json.dumps(plain))  # noqa: E731
    yield "roberta", roberta(fresh())
    yield "add_prefix_space", roberta(fresh(), add_prefix_space=True)

    legacy = roberta(fresh())
    legacy["model"]["merges"] = [" ".join(pair) for pair in legacy["model"]["merges"]]
    del legacy["model"]["type"]
    yield "merges_as_strings", legacy

    shuffled = roberta(fresh())
    random.Random(SEED).shuffle(shuffled["model"]["merges"])
    yield "ranks_out_of_order", shuffled
    ignoring = json.loads(json.dumps(shuffled))
    ignoring["model"]["ignore_merges"] = True
    yield "ignore_merges", ignoring

    lacking = "\u0122xz0\u00c3\u00ac\u00f0\u0120"  # some letters, a digit, parts of characters, and the space
    yield "bytes_vanish", without_bytes(fresh(), lacking)
    unknown = without_bytes(fresh(), lacking)
    unknown["model"]["unk_token"] = "<unk>"
    yield "bytes_unknown", unknown
    fused = json.loads(json.dumps(unknown))
    fused["model"]["fuse_unk"] = True
    yield "bytes_fused", fused

    tokenizer = Tokenizer.from_str(json.dumps(roberta(fresh())))
    tokenizer.add_tokens([
        AddedToken("<w>", single_word=True), AddedToken("<r>", rstrip=True), AddedToken("<lr>", lstrip=True, rstrip=True),
        AddedToken("<v>", normalized=False, lstrip=True), AddedToken("<v><r>", normalized=True), AddedToken("circle", single_word=True),
        AddedToken(" square"), AddedToken("\u4e16"), AddedToken("<m", normalized=False),
    ])
    yield "added_tokens", json.loads(tokenizer.to_str())

    template = roberta(fresh())
    ids = template["model"]["vocab"]
    template["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in ("<s>", "</s>")},
    }
    yield "template_processing", template


def texts_for(document):
    content = [token["content"] for token in document["added_tokens"]]
    randoms = RandomTexts(SEED, document["model"]["vocab"])
    rng = random.Random(SEED)
    fixed = ["", " ", "How many red circles are there?", "it's  they're", "a <mask> b", "x<s></s>y", "the the  the\n"]
    glue = [" ", "  ", "", "\n", "x", "1", "\u00e9", "\u0301", "-", "\u3000", "<", ">", "circle", "squares"]
    mixed = ["".join(rng.choice(content + glue) for _ in range(rng.randint(1, 9))) for _ in range(CASES // 3)]
    drawn = []
    while len(fixed) + len(mixed) + len(drawn) < CASES:
        text = randoms.text()
        if len(text) <= 150:
            drawn.append(text)
    return fixed + mixed + drawn


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, document in variants():
        tokenizer = Tokenizer.from_str(json.dumps(document))
        cases = [{"text": text, "ids": tokenizer.encode(text).ids} for text in texts_for(document)]
        made_with = f"tools/parity/make_tokenizer_golden.py, tokenizers {tokenizers.__version__}, seed {SEED}"
        head = {"made_with": made_with, "tokenizer": document}
        lines = ",\n".join(json.dumps(case) for case in cases)
        body = json.dumps(head)[:-1] + ',\n"cases": [\n' + lines + "\n]}\n"
        (TARGET / f"{name}.json").write_text(body)
        print(f"{name}: {len(cases)} texts, {len(document['model']['vocab'])} tokens, {len(body)} bytes")


if __name__ == "__main__":
    main()
