#!/usr/bin/env python3
"""Writes small data sets twice: as annotation files with images, and as the .arrow tables that ViLT, METER and BridgeTower's
scripts make of such files (vilt/utils/write_*.py, src/utils/write_*.py; the same columns, types and order of rows, but for
the shuffling of rows, which is done with a fixed seed here).

    pip install pyarrow pillow numpy
    python3 tools/golden/make_arrow_fixtures.py tests/golden/data/arrow
"""
import argparse
import io
import json
import pathlib
import random
from collections import Counter, defaultdict

import numpy
import pyarrow as pa
from PIL import Image

BINARY, TEXT, INT, REAL = pa.binary(), pa.string(), pa.int64(), pa.float64()
VOCABULARY = ["yes", "no", "2", "a cat", ""]
SCORES = [0.0, 0.3, 0.6, 0.9, 1.0]


def picture(number):
    """A JPEG of 20 x 16 pixels, another one for each number."""
    pixels = numpy.random.default_rng(number).integers(0, 255, (2, 3, 3), dtype=numpy.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).resize((20, 16), Image.BICUBIC).save(out, "JPEG", quality=60)
    return out.getvalue()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def write_lines(path, records):
    write(path, "".join(json.dumps(record) + "\n" for record in records))


def write_table(path, columns, rows, stream=False, rows_in_batch=2, compression=None):
    """Several record batches, as tables of more than 2 GB have."""
    schema = pa.schema(columns)
    table = pa.table([[row[i] for row in rows] for i in range(len(columns))], schema=schema)
    options = pa.ipc.IpcWriteOptions(compression=compression)
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    path.parent.mkdir(parents=True, exist_ok=True)
    with make(str(path), schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows_in_batch)


def vqav2_rows(questions, answers, images, split):
    by_image = defaultdict(list)
    for question in questions:
        counts = Counter(answers.get(question["question_id"], []))
        labels = [VOCABULARY.index(answer) for answer in counts if answer in VOCABULARY]
        scores = [SCORES[min(counts[VOCABULARY[label]], 4)] for label in labels]
        if answers and not labels:
            continue  # as the scripts do
        by_image[question["image_id"]].append((question, labels, scores))
    rows = []
    for image_id, asked in by_image.items():
        rows.append([
            images[image_id], [q["question"] for q, _, _ in asked],
            [[VOCABULARY[label] for label in labels] for _, labels, _ in asked] if answers else [],
            [labels for _, labels, _ in asked] if answers else [],
            [scores for _, _, scores in asked] if answers else [],
            image_id, [q["question_id"] for q, _, _ in asked], split])
    random.Random(0).shuffle(rows)
    return rows


def make_vqav2(out):
    images = {number: picture(number) for number in (42, 73, 74, 133)}
    texts = ["Is it red?", "How many are there?", "What is this?", "Is this a \"zoo\"? ", "What\u2019s that?"]
    ten = [["yes"] * 6 + ["no"] * 4, ["2"] * 3 + ["two"] * 7, ["cat"] * 10, ["no"] * 2 + ["yes"] + ["maybe"] * 7,
           ["a cat"] * 9 + [""]]
    questions, annotations, answers = [], [], {}
    for index, image_id in enumerate((42, 42, 73, 74, 42, 133, 133, 73)):
        question_id = image_id * 1000 + index
        said = ten[index % len(ten)]
        questions.append({"image_id": image_id, "question": texts[index % len(texts)], "question_id": question_id})
        answers[question_id] = said
        annotations.append({
            "question_type": "what", "multiple_choice_answer": said[0], "image_id": image_id, "answer_type": "other",
            "answers": [{"answer": a, "answer_confidence": "yes", "answer_id": k + 1} for k, a in enumerate(said)],
            "question_id": question_id})
    for split, subtype in (("val", "val2014"), ("test", "test2015")):
        write(out / f"v2_OpenEnded_mscoco_{subtype}_questions.json",
              json.dumps({"data_subtype": subtype, "questions": questions}))
        for number, content in images.items():
            write(out / f"{subtype}/COCO_{subtype}_{number:012}.jpg", content)
    write(out / "v2_mscoco_val2014_annotations.json", json.dumps({"data_subtype": "val2014", "annotations": annotations}))
    write(out / "vocabulary.json", json.dumps(VOCABULARY))
    columns = [("image", BINARY), ("questions", pa.list_(TEXT)), ("answers", pa.list_(pa.list_(TEXT))),
               ("answer_labels", pa.list_(pa.list_(INT))), ("answer_scores", pa.list_(pa.list_(REAL))),
               ("image_id", INT), ("question_id", pa.list_(INT)), ("split", TEXT)]
    write_table(out / "vqav2_val.arrow", columns, vqav2_rows(questions, answers, images, "val"))
    # Without answers, pandas has nothing that tells the type of these columns.
    for position in (2, 3, 4):
        columns[position] = (columns[position][0], pa.list_(pa.null()))
    write_table(out / "vqav2_test.arrow", columns, vqav2_rows(questions, {}, images, "test"), stream=True)


def make_nlvr2(out):
    records = []
    for group, pair, sentence, label in ((850, 0, 0, "False"), (850, 2, 0, "True"), (850, 0, 1, "True"),
                                         (850, 1, 1, "False"), (37, 3, 1, "True"), (37, 3, 0, "True")):
        records.append({"identifier": f"dev-{group}-{pair}-{sentence}", "label": label, "synset": "cat",
                        "sentence": f"Sentence {sentence} about {group}."})
    write_lines(out / "dev.json", records)
    write_lines(out / "balanced/balanced_dev.json", records[1:4])
    write_lines(out / "unbalanced/unbalanced_dev.json", [records[0], records[5]])

    def rows(part):
        by_pair = defaultdict(list)
        for record in part:
            by_pair[record["identifier"].rsplit("-", 1)[0]].append(record)
        result = []
        for number, (pair, members) in enumerate(by_pair.items()):
            sides = [picture(sum(map(ord, pair)) * 2 + side) for side in (0, 1)]
            for side, content in enumerate(sides):
                write(out / f"dev/{pair}-img{side}.png", content)
            result.append([*sides, [m["sentence"] for m in members], [m["label"] for m in members], pair])
        return result

    columns = [("image_0", BINARY), ("image_1", BINARY), ("questions", pa.list_(TEXT)), ("answers", pa.list_(TEXT)),
               ("identifier", TEXT)]
    write_table(out / "nlvr2_dev.arrow", columns, rows(records), rows_in_batch=1)
    write_table(out / "nlvr2_balanced_dev.arrow", columns, rows(records[1:4]))
    write_table(out / "nlvr2_unbalanced_dev.arrow", columns, rows([records[0], records[5]]))


def make_snli_ve(out):
    classes = ["contradiction", "neutral", "entailment"]
    records = []
    for index, image in enumerate(("1007", "1009", "1007", "1011", "1009", "1007")):
        records.append({"Flickr30K_ID": image, "pairID": f"{image}.jpg#{index}r1x", "gold_label": classes[index % 3],
                        "sentence1": f"Premise {index}.", "sentence2": f" Hypothesis {index // 2 * (index != 2)}. "})
    write_lines(out / "snli_ve_test.jsonl", records)
    by_image = {}
    for record in records:
        by_image.setdefault(record["Flickr30K_ID"], []).append(record)
    rows = []
    for image, members in by_image.items():
        rows.append([picture(int(image)), [[m["sentence1"], m["sentence2"]] for m in members],
                     [classes.index(m["gold_label"]) for m in members]])
    columns = [("image", BINARY), ("sentences", pa.list_(pa.list_(TEXT))), ("labels", pa.list_(INT))]
    write_table(out / "snli_test.arrow", columns, rows, compression="lz4")


def make_retrieval(out, dataset, stem, names, folder):
    images, rows = [], []
    for index, name in enumerate(names):
        captions = [f"Caption {k} of {name}. " if k != 3 else "A cat\non a mat." for k in range(5 + index % 2)]
        record = {"filename": name, "split": "test", "imgid": index,
                  "sentences": [{"raw": text, "imgid": index} for text in captions]}
        if folder == "val2014":
            record["filepath"] = folder
        images.append(record)
        content = picture(int(name.split("_")[-1].split(".")[0]))
        write(out / folder / name, content)
        rows.append([content, captions, name, "test"])
    write(out / f"dataset_{dataset}.json", json.dumps({"images": images, "dataset": dataset}))
    random.Random(1).shuffle(rows)
    columns = [("image", BINARY), ("caption", pa.list_(TEXT)), ("image_id", TEXT), ("split", TEXT)]
    if dataset == "coco":  # what Arrow calls large types, as other programs write them
        columns[:2] = [("image", pa.large_binary()), ("caption", pa.large_list(pa.large_string()))]
    write_table(out / f"{stem}_caption_karpathy_test.arrow", columns, rows)


def make_hostile(out):
    """Small files that ask for much: rows of nothing, and zeros that zstd makes tiny."""
    write_table(out / "hostile_rows.arrow", [("nothing", pa.null())], [[None]] * 1_000_000, rows_in_batch=1_000_000)
    zeros = bytes(100 << 20)
    write_table(out / "hostile_zeros.arrow", [("image", BINARY)], [[zeros]], compression="zstd")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    out = parser.parse_args().out
    make_vqav2(out)
    make_nlvr2(out)
    make_snli_ve(out)
    make_retrieval(out, "flickr30k", "f30k", ["1007.jpg", "1009.jpg", "1011.jpg"], "flickr30k-images")
    make_retrieval(out, "coco", "coco", [f"COCO_val2014_{n:012}.jpg" for n in (42, 73, 133)], "val2014")
    make_hostile(out)


if __name__ == "__main__":
    main()
