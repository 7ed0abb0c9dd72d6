"""The titles of the networks that ship, and a line about each. A trained network has its run's name."""

from __future__ import annotations

#: What the name of a network that lives in a visitor's browser alone begins with; the network it goes on from follows.
#: No folder's name has a colon. The server does not know such a network: it reads with the one it goes on from.
OWN = "hand:"

#: The folder's name -> what the page calls it.
TITLES = {
    "best52": "Best, 52 classes",
    "best62": "Best, all 62 characters",
    "budget52": "A short training, 52 classes",
    "report-cnn": "The report's CNN",
    "report-crnn": "The report's CRNN",
}

#: The folder's name -> a line of what it is.
ABOUT = {
    "best52": "A residual network, trained on 2,055 font families, their traced outlines, and synthetic handwriting.",
    "best62": "The same network with the capital and the small letter kept apart for every letter.",
    "budget52": "The same kind of layers after 7 epochs on printed type alone.",
    "report-cnn": "The network of the report: three convolutions, three poolings, three fully connected stages.",
    "report-crnn": "The report's second network: two convolutions, then a recurrent stage reads the maps.",
}


def origin(name: str) -> str:
    """The network that the server reads with where `name` is chosen."""
    return name.removeprefix(OWN)
