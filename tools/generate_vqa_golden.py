#!/usr/bin/env python3
"""Writes tests/golden/data/vqa/normalise.json: answers and what normalisation makes of them.

An independent reading of the rules in docs/vqav2.md, with Python's own re and str, whose behaviour beyond ASCII the
scorer inherits. Seeded: the same Python gives the same file.

    python3 tools/generate_vqa_golden.py > tests/golden/data/vqa/normalise.json
    python3 tools/generate_vqa_golden.py --vocabulary ANNOTATIONS... --min-count 9   # size and digest of a vocabulary
    python3 tools/generate_vqa_golden.py --score ANNOTATIONS RESULTS VOCABULARY   # overall, by each scorer
"""
import argparse
import collections
import hashlib
import json
import pathlib
import random
import re
import sys

MARKS = ';/[]"{}()=+\\_-><@`,?!'
NUMBERS = dict(zip("none zero one two three four five six seven eight nine ten".split(),
                   "0 0 1 2 3 4 5 6 7 8 9 10".split()))
SOURCE = pathlib.Path(__file__).resolve().parent.parent / "metrics" / "vqa_normalise.cpp"


def contractions():
    """The table is data: it is read from its one place."""
    table = SOURCE.read_text().split("kContractions[] = {", 1)[1].split("};", 1)[0]
    return dict(re.findall(r'\{"([^"]+)", "([^"]+)"\}', table))


CONTRACTIONS = contractions()


def punctuation(text):
    delete_all = re.search(r"\d,\d", text) is not None
    out = text
    for mark in MARKS:
        beside_space = f"{mark} " in text or f" {mark}" in text
        out = out.replace(mark, "" if delete_all or beside_space else " ")
    return re.sub(r"\.(?!\d)", "", out, count=32)


def words(text):
    kept = [NUMBERS.get(word, word) for word in text.lower().split()]
    return " ".join(CONTRACTIONS.get(word, word) for word in kept if word not in ("a", "an", "the"))


def random_answer(rng):
    pieces = list(MARKS) + list(" .,'  \t\u00a0\u2003\u3000\x1c") + ["1", "٣", "１", "½", "²", "1,0", "3.5", "..."]
    pieces += ["The", "a", "AN", "None", "ten", "Cat", "ÀÉ", "ΑΣ", "Σ", "İ", "ⅣǅẞK", "😀", "日本", "ﬁ", "Ა", "𐐀"]
    pieces += list(CONTRACTIONS) + [word.capitalize() for word in CONTRACTIONS]
    return "".join(rng.choice(pieces) + rng.choice(["", "", " "]) for _ in range(rng.randint(1, 7)))


def vocabulary(paths, min_count):
    counts = collections.Counter()
    for path in paths:
        for record in json.loads(path.read_text())["annotations"]:
            counts[words(punctuation(record["multiple_choice_answer"]))] += 1
    answers = [answer for answer, count in counts.items() if count >= min_count]
    compact = json.dumps(answers, ensure_ascii=False, separators=(",", ":"))
    print(len(answers), hashlib.sha256(compact.encode()).hexdigest())


def clean(text):
    return text.replace("\n", " ").replace("\t", " ").strip()


def consensus(records, forms, prediction):
    """Mean over the humans of min(1, matches among the others / 3)."""
    keys = [(form, record["answer_confidence"], record["answer_id"]) for form, record in zip(forms, records)]
    return sum(min(1, sum(other != key and other[0] == prediction for other in keys) / 3) for key in keys) / len(keys)


def official(records, prediction):
    humans = [clean(record["answer"]) for record in records]
    if len(set(humans)) == 1:
        return consensus(records, humans, clean(prediction))
    return consensus(records, [words(punctuation(human)) for human in humans], words(punctuation(clean(prediction))))


def pre_2021(records, prediction):
    humans = [record["answer"] for record in records]
    if len(set(humans)) > 1:
        humans = [punctuation(human) for human in humans]
    return consensus(records, humans, words(punctuation(clean(prediction))))


def scores(annotations, results, labels):
    predictions = {record["question_id"]: record["answer"] for record in json.loads(results.read_text())}
    labels = set(json.loads(labels.read_text()))
    sums = collections.defaultdict(list)
    for annotation in json.loads(annotations.read_text())["annotations"]:
        records, prediction = annotation["answers"], predictions[annotation["question_id"]]
        sums["official-2021"].append(official(records, prediction))
        sums["pre-2021"].append(pre_2021(records, prediction))
        said = collections.Counter(record["answer"] for record in records if record["answer"] in labels)
        if said:
            sums["label-score"].append((0, 0.3, 0.6, 0.9, 1)[min(4, said[prediction])])
    for name, values in sums.items():
        print(name, len(values), round(100 * sum(values) / len(values), 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocabulary", nargs="+", type=pathlib.Path)
    parser.add_argument("--min-count", type=int, default=9)
    parser.add_argument("--score", nargs=3, type=pathlib.Path)
    args = parser.parse_args()
    if args.score:
        scores(*args.score)
        return
    if args.vocabulary:
        vocabulary(args.vocabulary, args.min_count)
        return
    rng = random.Random(20210311)
    texts = sorted({random_answer(rng) for _ in range(600)} | set(CONTRACTIONS))
    cases = [[text, punctuation(text), words(punctuation(text))] for text in texts]
    document = {"generator": "tools/generate_vqa_golden.py", "python": sys.version.split()[0],
                "columns": ["answer", "punctuation", "both"]}
    print(json.dumps(document)[:-1] + ', "cases": [')
    print(",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]}")


if __name__ == "__main__":
    main()
