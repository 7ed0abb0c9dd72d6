"""An answer in words and as JSON: what was read, what looks just like it, or that it can't tell.

The page, the /read endpoint and the command line all take it from here. Which classes look alike is in
`fontdemo.reading.lookalikes`.
"""

from __future__ import annotations

from typing import Any

from fontdemo.reading.reader import Reading

#: Below this probability of the likeliest class and its look-alikes no guess is worth a word.
FAINT = 0.1

#: From this probability on what is not certain is still what it looks most like: shown, but pale.
LEANING = 0.3


def described(character: str) -> str:
    """A character in words that tell look-alikes apart: "the digit 0", "capital O"."""
    kind = "the digit" if character.isdigit() else "capital" if character.isupper() else "small"
    return f"{kind} {character}"


def sentence(reading: Reading) -> str:
    """The answer as a sentence for people."""
    answer = reading.answer
    characters = [character for label, _ in answer.together for character in reading.characters(label)]
    listed = _listed([described(character) for character in characters])
    if not answer.certain:
        if answer.several or answer.probability < FAINT:
            return "I can't tell. That doesn't look like one character. Draw just one, large."
        if answer.probability < LEANING:
            return f"I can't tell. Perhaps {described(characters[0])}."
        return f"Not sure: it looks most like {described(characters[0])}."
    sure = answer.probability
    surely = "This is" if sure >= 0.9 else "Probably" if sure >= 0.5 else "Not sure: perhaps"
    same = ": they can look the same" if len(answer.together) > 1 else ""
    return f"{surely} {listed}{same}." + (" Two characters? Draw one at a time." if reading.side_by_side else "")


def line(reading: Reading) -> str:
    """The answer for a line of text: the reading's title, then those of its look-alikes; "?" where it is not sure."""
    answer = reading.answer
    titles = [reading.title(label) for label, _ in answer.together]
    if answer.certain:
        return " or ".join(titles)
    if answer.several:
        return "? (two characters?)"
    return f"? ({'perhaps' if answer.probability < LEANING else 'looks most like'} {titles[0]})"


def as_json(reading: Reading) -> dict[str, Any]:
    """What JSON says beside label, twin and probabilities.

    certain: False where the network is not sure. alike: {label, twin, probability} of the likeliest class and of those
    that look like it, the likeliest first.
    """
    answer = reading.answer
    return {
        "certain": answer.certain,
        "alike": [
            {"label": reading.characters(label)[0], "twin": reading.twin_of(label), "probability": probability}
            for label, probability in answer.together
        ],
    }


def _listed(words: list[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
