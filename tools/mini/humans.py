"""Ten simulated people answer a question, disagreeing and writing as VQAv2's do."""

from __future__ import annotations

from collections import Counter

import numpy as np

from questions import NUMBER_WORDS, Question


def _spell(answer: str, rng: np.random.Generator) -> str:
    """Write an answer in a form that the official normalisation maps back to it."""
    if rng.random() > 0.08:
        return answer
    if answer.isdigit():
        return NUMBER_WORDS[int(answer)]
    if answer in ("circle", "square", "triangle"):
        return str(rng.choice(["a " + answer, answer.capitalize(), answer + "."]))
    return str(rng.choice([answer.capitalize(), answer + ".", answer + " "]))


def normalised(answer: str) -> str:
    """The official normalisation, as far as the forms above need it."""
    words = answer.strip().rstrip(".").lower().split()
    digits = {word: str(value) for value, word in enumerate(NUMBER_WORDS)}
    return " ".join(digits.get(word, word) for word in words if word != "a")


def answers(question: Question, rng: np.random.Generator) -> list[str]:
    """Ten answers, the true one ahead of every other after normalisation."""
    ease = rng.random()
    if ease < 0.72:
        right = int(rng.integers(8, 11))
    elif ease < 0.93 or question.answer_type == "yes/no":
        right = int(rng.integers(6, 8))
    else:
        right = 3  # a hard question: even the best answer scores 0.9
    most = 2 if right == 3 else right - 1
    wrong: list[str] = []
    while len(wrong) < 10 - right:
        slip = question.confusions[int(rng.integers(len(question.confusions)))]
        if wrong.count(slip) < most:
            wrong.append(slip)
    spelled = [_spell(question.answer, rng) for _ in range(right)] + wrong
    if len(set(spelled)) == 1:
        spelled = [question.answer] * 10  # ten equal answers are compared as they are, so they must be canonical
    return [spelled[int(index)] for index in rng.permutation(10)]


def annotation(question: Question, question_type: str, image_id: int, question_id: int,
               rng: np.random.Generator) -> dict:
    """The official annotation record."""
    given = answers(question, rng)
    ranked = Counter(normalised(answer) for answer in given).most_common()
    if ranked[0][0] != question.answer or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        raise ValueError(f"the ten answers do not favour '{question.answer}': {given}")
    written = Counter(answer for answer in given if normalised(answer) == question.answer)
    confidence = [str(rng.choice(["yes", "maybe", "no"], p=[0.86, 0.11, 0.03])) for _ in given]
    return {
        "question_type": question_type,
        "multiple_choice_answer": written.most_common(1)[0][0].strip(),
        "answers": [{"answer": answer, "answer_confidence": sure, "answer_id": number}
                    for number, (answer, sure) in enumerate(zip(given, confidence), start=1)],
        "image_id": image_id,
        "answer_type": question.answer_type,
        "question_id": question_id,
    }
