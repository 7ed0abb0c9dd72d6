"""The catalogue of Korean texts: it can be read, its places match, and its English is still in the code."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from fontdemo.ui.i18n import catalogue
from tests.support.servers.pageserver import ROOT

PLACE = re.compile(r"\{(\d+)(?::([ntwc]))?\}")

#: Texts of Gradio's own, and those that libraries write.
NOT_OURS = {
    "Drop Image Here", "Drop File Here", "- or -", "Click to Upload", "Use via API", "Built with Gradio", "Settings",
    "Uploading...", "Processing...", "Loading...", "Click to Access Webcam", "Upload file", "Capture from camera",
    "Paste from clipboard", "Warning", "Info", "Remove Image", "Clear image", "Reset to default value",
    "common.complete", "logo", "Gradio footer navigation",
    "number input for {0:t}", "range slider for {0:t}", "number input for {0}",
    "range slider for {0}",
}  # fmt: skip


#: Texts that the code puts together from pieces.
COMPOSED = re.compile(
    r"(1st|2nd|3rd) \w+ Layer|One .+ layer (less|more)|.*\b(dark|light)\b.*|The picture .+|Which (maps|values) .+"
    r"|.*(the last values|Turns the values|All maps laid out).*|, the (average|minimum) is|Its derivative Sigmoid′"
    r"|Grad-CAM on the drawing|Your letter as numbers|1 line of its metrics .+"
)


@pytest.mark.parametrize("file", catalogue.FILES, ids=lambda file: file.parts[-4])
def test_no_text_is_there_twice(file: Path) -> None:
    pairs = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)
    assert [text for text, count in Counter(english for english, _ in pairs).items() if count > 1] == []


def test_no_text_is_in_both_files() -> None:
    ours, trains = (json.loads(file.read_text(encoding="utf-8")) for file in catalogue.FILES)
    assert ours.keys() & trains.keys() == set()
    assert catalogue.load() == {**ours, **trains}


def test_every_place_of_a_text_is_in_its_korean_and_no_other() -> None:
    wrong = []
    for english, korean in catalogue.load().items():
        numbers = [number for number, _ in PLACE.findall(english)]
        told = PLACE.findall(korean)
        # Numbered in order, each once; in the Korean each once too, and without its kind.
        if numbers != [str(n) for n in range(len(numbers))] or sorted(told) != sorted((n, "") for n in numbers):
            wrong.append(english)
        if re.search(r"[{}]", PLACE.sub("", english + korean)):
            wrong.append(english)
    assert wrong == []


def test_texts_are_as_the_page_looks_them_up() -> None:
    for english, korean in catalogue.load().items():
        assert english == " ".join(english.split()) and korean == korean.strip() and korean
        assert re.search("[A-Za-z]{2}", english), english


def test_the_korean_is_korean_and_polite_in_one_way() -> None:
    for english, korean in catalogue.load().items():
        assert re.search("[가-힣→]", korean) or korean == english or not re.search("[a-z]{3}", korean), english
        assert not re.search(r"[가-힣]*(?<!하)(?<!인가)(?<!까)(?<!세)요\.", korean), korean  # 해요체
        assert not re.search(r"(?<!니)다\.", korean), korean  # the plain form


def test_what_it_knows_is_still_in_the_code() -> None:
    sources = [
        file.read_text(encoding="utf-8")
        for folder in ("fontdemo", "train")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in (".py", ".js", ".html") and "i18n" not in file.parts
    ]
    code = plain("\n".join(sources))
    ours = [english for english in catalogue.load() if english not in NOT_OURS]
    gone = [english for english in ours if missing(english.split("|")[-1], code)]
    assert gone == []


def test_a_text_that_was_reworded_is_found() -> None:
    code = plain('say("Draw one character, large.")\nf"{count} strokes, read in {place} today"')
    assert not missing("Draw one character, large.", code) and not missing("{0:n} strokes, read in {1} today", code)
    assert missing("Draw a character, large.", code) and missing("{0:n} lines, seen at {1} now", code)


def missing(english: str, code: str) -> bool:
    """Whether a text seems to be gone from the code.

    One without places stands there whole, but for breaks and what COMPOSED tells: all its runs of three words are
    there. One with places is put together from pieces: half of its pairs of neighbouring words must be there.
    """
    pieces = [piece.split() for piece in re.split(r"[^a-z' -]+", plain(PLACE.sub("|", english)))]
    if not PLACE.search(english) and not COMPOSED.fullmatch(english):
        runs = [" ".join(words[at : at + 3]) for words in pieces for at in range(max(1, len(words) - 2))]
        return any(run not in code for run in runs)
    pairs = [f"{one} {other}" for words in pieces for one, other in zip(words, words[1:], strict=False)]
    if len(pairs) < 3:
        return any(word not in code for words in pieces for word in words)
    return sum(pair in code for pair in pairs) < len(pairs) / 2


def plain(text: str) -> str:
    """Lower case, quotes and line ends of literals taken out, so that a text broken over two literals is whole."""
    text = re.sub(r'"\s*\n\s*[fr]?"', "", text)
    text = re.sub(r"'\s*\n\s*\+ '", "", text)
    text = re.sub(r"\\(['\"])", r"\1", text).replace("’", "'").replace("&nbsp;", " ")
    return " ".join(text.lower().split())
