#!/usr/bin/env python3
"""Compare `bteval probe tokens` with Hugging Face `tokenizers`, id for id, and time both on one thread.

    pip install -r tools/parity/requirements.txt
    python3 tools/parity/tokens.py --bteval build/release/bin/bteval --tokenizer ROBERTA_BASE_FOLDER [--data FOLDER]

ROBERTA_BASE_FOLDER holds tokenizer.json, vocab.json and merges.txt. --data names a folder of real data sets (the one
that the tests find through BTEVAL_TEST_DATA); without it only the random texts are compared. Exit status 1 where any id differs.
"""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import tokenizers  # noqa: E402  (reads the variables above)
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors  # noqa: E402

from random_texts import RandomTexts  # noqa: E402


def probe(options, folder, texts, *arguments):
    """The id lists that bteval prints for the texts, and what it says on standard error."""
    command = [options.bteval, "probe", "tokens", "--tokenizer", str(folder), "--json-lines", *map(str, arguments)]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def digest(lists):
    """sha256 of the ids, one text a line: tests/unit/text/real_data_test.cpp holds those of the real texts."""
    return hashlib.sha256("".join(" ".join(map(str, ids)) + "\n" for ids in lists).encode()).hexdigest()


def compare(name, texts, ours, theirs):
    if len(ours) != len(theirs):
        sys.exit(f"{name}: {len(ours)} answers for {len(theirs)} texts")
    wrong = [i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b]
    print(f"{name}: {len(texts)} texts, {sum(map(len, theirs))} ids, {len(wrong)} texts differ; sha256 {digest(theirs)}")
    for i in wrong[:5]:
        print(f"    {texts[i]!r}\n      bteval     {ours[i]}\n      tokenizers {theirs[i]}")
    return len(wrong)


def from_vocabulary_files(folder):
    """The tokenizer that vocab.json and merges.txt mean, with RoBERTa's special tokens."""
    tokenizer = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True, special=True)])
    pair = [(token, tokenizer.token_to_id(token)) for token in ("</s>", "<s>")]
    tokenizer.post_processor = processors.RobertaProcessing(*pair)
    return tokenizer


def real_texts(data):
    """Named lists of texts, and of texts with the ids that somebody else's implementation gave."""
    captions = json.loads((data / "coco/coco_karpathy_test.json").read_text())
    questions = [text for path in sorted((data / "vqa/vqav2_subset").glob("*uestions*.json"))
                 for text in (q["question"] for q in json.loads(path.read_text())["questions"])]
    texts = {"COCO Karpathy test captions": [c for image in captions for c in image["caption"]], "VQAv2 questions": questions}
    expected = json.loads((data / "tokenizer/tests/roberta_expected.json").read_text())
    cases = json.loads((data / "tokenizer/llama.cpp/roberta-bpe_cases.json").read_text())
    known = {
        "transformers.js roberta cases": [(c["text"], c["ids"]) for c in expected.values()],
        "llama.cpp roberta-bpe cases": [(c["text"], [0, *c["ids"], 2]) for c in cases],
    }
    return texts, known


def measure(options, name, texts, reference):
    """Seconds of interleaved passes over the same texts: one by one, as one batch, and bteval's."""
    seconds = {"encode": [], "encode_batch": [], "bteval": []}
    for _ in range(options.repeats):
        start = time.perf_counter()
        for text in texts:
            reference.encode(text)
        seconds["encode"].append(time.perf_counter() - start)
        start = time.perf_counter()
        reference.encode_batch(texts)
        seconds["encode_batch"].append(time.perf_counter() - start)
        _, report = probe(options, options.tokenizer, texts, "--repeat", 1)
        seconds["bteval"].append(json.loads(report)["seconds"])
    for kind in ("encode", "encode_batch"):
        ratios = [a / b for a, b in zip(seconds[kind], seconds["bteval"])]
        print(f"speed on {name}: bteval is {statistics.median(ratios):.1f} times as fast as {kind} "
              f"(from {min(ratios):.1f} to {max(ratios):.1f} in {len(ratios)} interleaved passes; medians "
              f"{statistics.median(seconds['bteval']):.4f} s and {statistics.median(seconds[kind]):.4f} s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bteval", required=True, help="the built program")
    parser.add_argument("--tokenizer", required=True, type=pathlib.Path, help="folder of roberta-base's tokenizer files")
    parser.add_argument("--data", type=pathlib.Path, help="folder of real data sets")
    parser.add_argument("--count", type=int, default=100_000, help="random texts (default 100000)")
    parser.add_argument("--seed", type=int, default=20, help="of the random texts (default 20)")
    parser.add_argument("--repeats", type=int, default=7, help="timed passes (default 7; 0 leaves timing out)")
    options = parser.parse_args()
    options.bteval = os.path.abspath(options.bteval)
    reference = Tokenizer.from_file(str(options.tokenizer / "tokenizer.json"))
    print(f"tokenizers {tokenizers.__version__}, {options.tokenizer.name}, seed {options.seed}")

    wrong = 0
    randoms = RandomTexts(options.seed, reference.get_vocab())
    texts = {"random Unicode texts": [randoms.text() for _ in range(options.count)]}
    if options.data:
        real, known = real_texts(options.data)
        texts |= real
        for name, cases in known.items():
            ours, _ = probe(options, options.tokenizer, [text for text, _ in cases])
            wrong += compare(name, [text for text, _ in cases], ours, [ids for _, ids in cases])
    for name, some in texts.items():
        ours, _ = probe(options, options.tokenizer, some)
        wrong += compare(name, some, ours, [e.ids for e in reference.encode_batch(some)])

    some = texts["random Unicode texts"]
    for length in (2, 3, 50):
        reference.enable_truncation(length)
        ours, _ = probe(options, options.tokenizer, some, "--max-length", length)
        wrong += compare(f"random texts, at most {length} ids", some, ours, [e.ids for e in reference.encode_batch(some)])
    reference.no_truncation()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("vocab.json", "merges.txt"):
            shutil.copy(options.tokenizer / name, folder)
        rebuilt = from_vocabulary_files(options.tokenizer)
        ours, _ = probe(options, folder, some)
        wrong += compare("random texts, vocab.json and merges.txt", some, ours, [e.ids for e in rebuilt.encode_batch(some)])
    if options.repeats > 0:
        for name, some in texts.items():
            measure(options, name, some[:25_000], reference)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
