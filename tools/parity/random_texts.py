"""Seeded random texts that try the tokenizer's every rule: all planes, all white space, specials, very long words."""

import random

SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
NEARLY_SPACES = "\x1c\x1d\x1e\x1f\u180e\u200b\u200c\u200d\u2060\ufeff"
CONTRACTIONS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'r", "'v", "'l", "'", "''s", "\u2019s", "'\u017f"]
SPECIALS = ["<s>", "</s>", "<pad>", "<unk>", "<mask>", "<mask", "mask>", "<<mask>>", "<s", "< s>", "<MASK>", "</s></s>"]
SCRIPTS = [  # first and last code point of blocks that texts are made of
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x590, 0x5FF), (0x600, 0x6FF),
    (0x900, 0x97F), (0xE00, 0xE7F), (0x1100, 0x11FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),
    (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF), (0x10000, 0x10FFF), (0x1D400, 0x1D7FF), (0x2150, 0x218F), (0x2460, 0x24FF),
    (0x660, 0x669), (0x966, 0x96F), (0xFF10, 0xFF19), (0x300, 0x36F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0xE000, 0xF8FF),
]


def code_point(rng):
    while True:
        code = rng.randrange(0x110000)
        if not 0xD800 <= code <= 0xDFFF:
            return chr(code)


class RandomTexts:
    def __init__(self, seed, vocabulary):
        self.rng = random.Random(seed)
        self.words = sorted(vocabulary)  # tokens in the byte alphabet: odd letters, and realistic words

    def block(self, count):
        first, last = self.rng.choice(SCRIPTS)
        return "".join(chr(self.rng.randint(first, last)) for _ in range(count))

    def emoji(self):
        rng = self.rng
        parts = [chr(rng.randint(0x1F300, 0x1FAFF)) + rng.choice(["", "\ufe0f", chr(rng.randint(0x1F3FB, 0x1F3FF))])
                 for _ in range(rng.randint(1, 4))]
        flags = "".join(chr(rng.randint(0x1F1E6, 0x1F1FF)) for _ in range(2))
        return rng.choice(["\u200d".join(parts), flags, rng.choice("0123456789#*") + "\ufe0f\u20e3"])

    def piece(self):
        rng = self.rng
        kind = rng.randrange(14)
        if kind == 0:
            return "".join(code_point(rng) for _ in range(rng.randint(1, 8)))
        if kind == 1:
            return "".join(rng.choice(SPACES + NEARLY_SPACES) for _ in range(rng.randint(1, 6)))
        if kind == 2:
            return rng.choice([" ", "  ", "   ", "\n", "\n\n", " \n", "\t ", "\r\n"])
        if kind == 3:
            return rng.choice(CONTRACTIONS) + rng.choice(["", "e", "s", " ", "1"])
        if kind == 4:
            return rng.choice(["", " ", "\u2003", "x"]) + rng.choice(SPECIALS) + rng.choice(["", " ", "\n", "x"])
        if kind == 5:
            return self.emoji()
        if kind == 6:
            return "".join(c + chr(rng.randint(0x300, 0x36F)) * rng.randint(0, 3) for c in self.block(rng.randint(1, 5)))
        if kind == 7:
            return "".join(rng.choice("0123456789\u0663\u096b\u00bd\u2167\uff11\U0001d7d8") for _ in range(rng.randint(1, 9)))
        if kind == 8:
            return "".join(rng.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") for _ in range(rng.randint(1, 6)))
        if kind <= 11:
            return " ".join(rng.choice(self.words).replace("\u0120", "") for _ in range(rng.randint(1, 4)))
        return self.block(rng.randint(1, 12))

    def long_word(self):
        rng = self.rng
        length = rng.choice([100, 300, 1000, 3000])
        stem = rng.choice(["a", "ab", "the", "na\u00efve", "1", "\u4e16\u754c", "=", "!?", "\u0301", " ", "\u3000", self.block(7)])
        return (stem * length)[:length]

    def text(self):
        rng = self.rng
        if rng.random() < 0.01:
            return self.long_word()
        if rng.random() < 0.02:
            return "".join(code_point(rng) for _ in range(rng.randint(0, 40)))
        glue = rng.choice(["", "", " "])
        return glue.join(self.piece() for _ in range(rng.randint(0, 12)))
