"""The measurements of the web see what gets in and what it costs, and ours lets nothing in."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from benchmarks.bombs import MOST_MIB, MOST_SECONDS, measured
from benchmarks.ssrf import LEAST_URLS, measure, reached_by_naive
from benchmarks.ssrf_urls import benign, hostile
from benchmarks.ssrf_world import free_port


def test_the_addresses_are_many_and_the_same_at_every_run() -> None:
    written = hostile(8080)
    assert len(written.urls) == len(set(written.urls)) >= LEAST_URLS
    assert written == hostile(8080)


async def test_no_hostile_address_is_reached_and_every_harmless_one_is_read() -> None:
    port = free_port()
    written = hostile(port)
    some = replace(written, urls=written.urls[::9])
    figures = {each.key: each for each in (await measure(some, benign(80), port=port, beside=False)).figures}
    missed = [str(each) for key, each in figures.items() if each.missed and key not in {"urls", "benign"}]
    assert missed == []


async def test_the_trap_is_sprung_by_whoever_checks_as_many_programs_do() -> None:
    port = free_port()
    written = hostile(port)
    some = [url for url in written.urls if "rebind-0" in url or "0.0.0.0" in url][:20]
    assert await reached_by_naive(replace(written, urls=some), port=port) != []


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
async def test_a_bomb_costs_little() -> None:
    for read in await measured(["zstd", "hollow"], mebibytes=32):
        assert read.mib <= MOST_MIB
        assert read.seconds <= MOST_SECONDS
