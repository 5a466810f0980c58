"""How likely a text is in each language: what a model of languages answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


class Scores:
    """By the main parts of tags; differences are logarithms of likelihoods. `places`: of each language in `values`.

    To make a dictionary of all languages for each text would take as long as looking for what it is made of."""

    __slots__ = ("_places", "_values", "most")

    def __init__(self, places: Mapping[str, int], values: Sequence[float]) -> None:
        self._places = places
        self._values = values
        self.most = max(values, default=0.0)
        """The score of the likeliest."""

    def of(self, languages: Sequence[str]) -> Sequence[float]:
        """What is not known is as unlikely as the unlikeliest."""
        values, places = self._values, self._places
        try:
            return [values[places[language]] for language in languages]
        except KeyError:
            least = min(values, default=0.0)
            return [values[places[each]] if each in places else least for each in languages]

    def best(self) -> str:
        """The likeliest; "" where no language is known."""
        return max(self._places, key=lambda language: self._values[self._places[language]], default="")

    def lead(self) -> float:
        """Of the likeliest, before the one after it."""
        return self.most - max(sorted(self._values)[:-1], default=self.most)

    def items(self) -> Iterable[tuple[str, float]]:
        return ((language, self._values[place]) for language, place in self._places.items())


def scored(values: Mapping[str, float]) -> Scores:
    return Scores({language: at for at, language in enumerate(values)}, tuple(values.values()))
