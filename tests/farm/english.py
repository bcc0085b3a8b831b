"""Sentence material in English for the western kinds, all written for the farm; {slots} as in tests.demo.sentences."""

import random

TITLES = (
    "{place} opens a shared pilot plant for {field}",
    "New grant scheme backs {field} firms in {place}",
    "{firm} moves its {field} line to {place}",
    "Harbour board publishes plans for {place} science quarter",
    "{place} council approves {n} homes beside the research park",
    "Apprentices at {firm} build a working {thing}",
    "Review finds {field} permits now take {n} days",
    "{firm} and {lab} share a laboratory for {field}",
    "Minister visits the {thing} workshop in {place}",
    "{place} cuts rents for young {field} companies",
    "Consultation opens on safer storage of {field} waste",
    "Inspection report: {firm} keeps its {field} licence",
    "{lab} trains {n} technicians for {field}",
    "Old brickworks in {place} becomes a {field} campus",
    "Annual survey of {field} jobs in {place}",
    "{firm} recalls one batch of its {thing}",
)
SENTENCES = (
    "The site covers {n} acres and was empty for almost a decade.",
    "Work on the second hall begins in the spring and should last {few} months.",
    "{firm} expects to hire {n} people, most of them from {place}.",
    "The board met {few} times before it agreed on the terms of the lease.",
    "Small companies pay by the batch, so nobody has to buy a whole line.",
    "According to {lab}, the yield of the process rose by {few} per cent.",
    "Residents asked for a cycle path, and it is now part of the plan.",
    "Applications close at noon on the last Friday of the month.",
    "The fund holds {n} million pounds and is open to firms of any age.",
    "A spokesperson said that the first results would be published before the summer.",
    "Inspectors looked at {n} records and found {few} that were incomplete.",
    "“We measured twice and then measured again,” said the head of {lab}.",
    "The {thing} was assembled from parts made within {n} miles of {place}.",
    "Local schools will send classes to the workshop every second Tuesday.",
    "If the trial works, {few} other towns intend to copy it.",
    "Costs fell because the steam comes from the neighbouring bakery.",
    "The report lists {n} recommendations, of which {few} are urgent.",
    "Parking will be limited while the drains are renewed.",
    "{place} has lost {n} factories since the port closed, and gained {few} laboratories.",
    "The licence runs for {few} years and can be renewed once.",
    "“It is a modest step, but it is the right one,” the councillor said.",
    "Data from the meters will be open to everybody.",
)
SLOTS = {
    "place": ("Marrow Quay", "Tilden Moor", "Eastwick Sound", "Harrow Fen", "Colder Bridge", "Saltby", "Orrin Vale"),
    "field": ("antibody", "diagnostics", "cold chain", "medical device", "fermentation", "marine biology", "assay"),
    "firm": ("Larkspur Instruments", "Quillon Biologics", "Fenwright Pumps", "Osmund Cells", "Tarn & Hale"),
    "lab": ("the Saltby Institute", "Orrin College", "the Marrow Laboratory", "the Fen Street clinic"),
    "thing": ("centrifuge", "filling robot", "humidity chamber", "syringe press", "cell counter"),
}


class Slots(dict[str, str]):
    """Names stay within one article, figures are drawn at each use."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__({name: rng.choice(words) for name, words in SLOTS.items()})
        self.rng = rng

    def __missing__(self, slot: str) -> str:
        return str(self.rng.randrange(3, 10) if slot == "few" else self.rng.randrange(12, 90))


def draft(rng: random.Random, given: set[str]) -> tuple[str, tuple[str, ...]]:
    """Return a headline that is not in `given` (it is put there) and the paragraphs of its article."""
    while True:
        slots = Slots(rng)
        title = rng.choice(TITLES).format_map(slots)
        title = title[0].upper() + title[1:]
        if title not in given:
            break
    given.add(title)
    sentences = [one.format_map(slots) for one in rng.sample(SENTENCES, 9)]
    paragraphs = (" ".join(sentences[at : at + 3]) for at in range(0, 9, 3))
    return title, tuple(text[0].upper() + text[1:] for text in paragraphs)
