"""How likely a text is in each language, by its runs of two to six bytes: the table of `py3langid`, made smaller.

The library looks for the runs with an automaton of 39 MiB and keeps 28 MiB of weights. Here they stand in a tree of 1.5
MiB, and a weight has one byte: 14 MiB.
"""

from __future__ import annotations

import lzma
import math
import shutil
import tempfile
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from bot.languages.scores import Scores
from bot.languages.tags import main

NO_LANGUAGE = "zxx"
"""Numbers and code, which the library tells, too. That is no language to answer in."""

MOST_STEPS = 1 << 15
"""Steps through the tree that are remembered, some 4 MiB; each costs a microsecond to find anew."""

MOST_OFTEN = 4096
"""Times that a run counts: more than a text has that is short enough to be looked at."""

BLOCK = 512
"""Rows of a table that are worked on at once."""

Table = NDArray[Any]


class Tree:
    """Runs of bytes, by the nodes of a tree: its root is 0, and the children of a node stand side by side. `labels`:
    the byte that leads to each node, from node 1 on. `first`: where the children of a node begin in `labels`. `falls`:
    the node of the longest other run that a run ends with. `rows`: the row of the longest run with weights that a run
    ends with, or is; -1 without."""

    def __init__(self, *, labels: bytes, first: array[int], falls: array[int], rows: Table) -> None:
        self._labels = labels
        self._first = first
        self._falls = falls
        self._rows = rows
        self._steps: dict[int, int] = {}

    def found(self, data: bytes) -> Table:
        """The row of the longest run that ends at each byte; -1 where there is none."""
        taken = self._steps.get
        reached: list[int] = []
        node = 0
        for byte in data:
            step = node | byte
            following = taken(step)
            node = self._step(step) if following is None else following
            reached.append(node)
        return self._rows.take(np.array(reached, dtype=np.intp) >> 8)

    def _step(self, step: int) -> int:
        """A node times 256 and a byte; the node that follows times 256."""
        node, byte = step >> 8, step & 0xFF
        child, first = self._labels.find, self._first
        while (at := child(byte, first[node], first[node + 1])) < 0 and node:
            node = self._falls[node]
        if len(self._steps) >= MOST_STEPS:
            self._steps.clear()
        following = self._steps[step] = (at + 1) << 8
        return following


class Grams:
    """`weights`: a row for each run, a column for each language, in steps of `step`; what a row has in all columns is
    left out. The last row, which is that of no run, is zero. `bias`: of each column. `columns`: tags; those of one
    language side by side."""

    def __init__(self, tree: Tree, weights: Table, step: float, bias: Table, columns: Sequence[str]) -> None:
        self._tree = tree
        self._weights = weights
        self._often = np.log1p(np.arange(MOST_OFTEN, dtype=np.float32)) * np.float32(step)
        self._bias = bias
        languages = list(dict.fromkeys(columns))
        self._places = {language: at for at, language in enumerate(languages)}
        self._firsts = np.array([columns.index(language) for language in languages])

    def ranks(self, text: str) -> Scores:
        """Of all languages that it knows."""
        found = self._tree.found(_bytes(text))
        found.sort()
        if not len(found) or found[-1] < 0:
            return Scores(self._places, [0.0] * len(self._places))
        another = np.ones(len(found) + 1, dtype=np.bool_)
        np.not_equal(found[1:], found[:-1], out=another[1:-1])
        begins = another.nonzero()[0]
        often = self._often.take(begins[1:] - begins[:-1], mode="clip")
        rows = self._weights.take(found.take(begins[:-1]), axis=0)
        scores = np.maximum.reduceat(often.dot(rows) + self._bias, self._firsts)
        return Scores(self._places, scores.tolist())


def load() -> Grams:
    """Blocks for a second or two. Raises ValueError where the library's model is not as it was."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE  # noqa: PLC0415 - only its table is wanted

    with tempfile.TemporaryFile(suffix=".npz") as unpacked:
        with lzma.open(Path(MODEL_DIR) / MODEL_FILE) as packed:
            shutil.copyfileobj(packed, unpacked, length=1 << 20)
        with ZipFile(unpacked) as tables:
            mains = [main(each) for each in _table(tables, "classes").tolist()]
            columns = [at for at, each in enumerate(mains) if each != NO_LANGUAGE]
            columns.sort(key=lambda at: mains[at])
            weights, step = _rounded(tables, columns)
            bias = _table(tables, "pc")[columns]
            tree = _tree(_table(tables, "nextmove"), _table(tables, "nextmove_row"), _table(tables, "out_feat"))
            return Grams(tree, weights, step, bias, [mains[at] for at in columns])


def _table(tables: ZipFile, name: str) -> Table:
    with tables.open(f"{name}.npy") as file:
        return np.lib.format.read_array(file)


def _blocks(tables: ZipFile, name: str) -> Iterator[Table]:
    """Some rows at a time: what is big need not be in memory as a whole."""
    with tables.open(f"{name}.npy") as file:
        np.lib.format.read_magic(file)
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
        size = math.prod(shape[1:]) * kind.itemsize
        for at in range(0, shape[0], BLOCK):
            rows = file.read(min(BLOCK, shape[0] - at) * size)
            yield np.frombuffer(rows, dtype=kind).reshape(-1, *shape[1:])


def _rounded(tables: ZipFile, columns: Sequence[int]) -> tuple[Table, float]:
    """The weights of these columns, above the least in each row; and the step."""
    most, length = 0.0, 0
    for block in _blocks(tables, "ptc"):
        most, length = max(most, float(np.ptp(block, axis=1).max())), length + len(block)
    rounded = np.zeros((length + 1, len(columns)), dtype=np.uint8)
    for at, block in zip(range(0, length, BLOCK), _blocks(tables, "ptc"), strict=True):
        wanted = block[:, columns].astype(np.float32)
        rounded[at : at + len(wanted)] = np.rint((wanted - wanted.min(axis=1, keepdims=True)) * (255 / most))
    return rounded, most / 255


def _tree(following: Table, moves: Table, rows: Table) -> Tree:
    """Read off the library's automaton, by level. `following`: the next state by byte, in rows that states share;
    `moves`: the row of each state. Raises ValueError where it is another kind of automaton."""
    following = following.reshape(-1, 256)
    number = np.full(len(moves), -1, dtype=np.int32)
    number[0], known = 0, 1
    falls = np.zeros(len(moves), dtype=np.int32)
    levels = [np.zeros(1, dtype=np.int32)]
    labels, first = [b""], [np.zeros(1, dtype=np.int32)]
    while len(levels[-1]):
        reached = [np.zeros(0, dtype=np.int32)]
        for at in range(0, len(levels[-1]), BLOCK):
            states = levels[-1][at : at + BLOCK]
            block = following[moves[states]]
            parents, values = np.nonzero(number[block] < 0)
            children = block[parents, values]
            number[children] = np.arange(known, known + len(children))
            if len(levels) > 1:
                falls[children] = following[moves[falls[states[parents]]], values]
            first.append(np.bincount(parents, minlength=len(states)).cumsum() + known - 1)
            labels.append(values.astype(np.uint8).tobytes())
            reached.append(children.astype(np.int32))
            known += len(children)
        levels.append(np.concatenate(reached))
    if known != len(moves):
        raise ValueError("the model that tells languages looks for something else than runs of bytes")
    states = np.concatenate(levels)
    return Tree(
        labels=b"".join(labels),
        first=_array(np.concatenate(first)),
        falls=_array(number[falls[states]]),
        rows=rows[states].astype(np.int32),
    )


def _array(numbers: Table) -> array[int]:
    return array("i", numbers.astype(np.intc).tobytes())


def _bytes(text: str) -> bytes:
    """As the library learnt them."""
    lower = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", lower).encode("utf-8", "surrogatepass")
