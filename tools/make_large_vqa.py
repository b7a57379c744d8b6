#!/usr/bin/env python3
"""Repeats a VQAv2 question, annotation and result file under new ids until there are N questions.

For timing `bteval score vqav2` on files as large as the official ones:

    python3 tools/make_large_vqa.py QUESTIONS ANNOTATIONS RESULTS OUT_FOLDER --count 200000
"""
import argparse
import json
import pathlib


def repeat(records, count):
    for index in range(count):
        record = dict(records[index % len(records)])
        record["question_id"] = 10_000_000_000 + index
        yield record


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("questions", "annotations", "results", "out"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=200_000)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    questions = json.loads(args.questions.read_text())
    annotations = json.loads(args.annotations.read_text())
    predictions = {record["question_id"]: record for record in json.loads(args.results.read_text())}
    order = [record["question_id"] for record in questions["questions"]]
    by_id = {record["question_id"]: record for record in annotations["annotations"]}

    questions["questions"] = list(repeat(questions["questions"], args.count))
    annotations["annotations"] = list(repeat([by_id[i] for i in order], args.count))
    results = list(repeat([predictions[i] for i in order], args.count))
    (args.out / "questions.json").write_text(json.dumps(questions))
    (args.out / "annotations.json").write_text(json.dumps(annotations))
    (args.out / "results.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main()
