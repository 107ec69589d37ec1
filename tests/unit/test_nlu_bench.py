"""The bench counts what it says."""

import os
from pathlib import Path

import pytest

from nlu.bench import Report, Side, Stream, drawn_texts, limited, ratios, table
from nlu.bench_load import Load, Memory, ask_all, memory_of, quantile
from nlu.bench_stock import BenchError, pipeline
from nlu.client import NluUnavailable
from nlu.training import Environment
from nlu.understanding import Candidate
from tests.fakes.nlu import ScriptedReader


async def test_every_text_is_asked_once_whatever_the_clients() -> None:
    """Sixteen clients share the texts; failures are counted apart."""
    reader = ScriptedReader((Candidate("greet", 0.9),))
    load = await ask_all(reader, ["a"] * 100, 16)
    assert (reader.asked, load.asked, load.failed) == (100, 100, 0)
    assert 0 <= load.p50 <= load.p95 <= load.p99
    assert load.per_second > 0

    class Half(ScriptedReader):
        async def parse(self, text: str) -> tuple[Candidate, ...]:
            if self.asked % 2:
                self.asked += 1
                raise NluUnavailable("busy")
            return await super().parse(text)

    assert (await ask_all(Half(), ["a"] * 10, 2)).failed == 5


def test_quantiles() -> None:
    """The value that a share of all values does not exceed; NaN of nothing."""
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile(list(range(100)), 0.95) == 95
    assert quantile([7], 0.99) == 7
    assert quantile([], 0.5) != quantile([], 0.5)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux only")
def test_memory_is_read_from_the_system() -> None:
    """This process holds something; a process that is gone holds nothing."""
    mine = memory_of([os.getpid()])
    assert 5 < mine.pss <= mine.rss
    assert memory_of([2**22 + 1]) == Memory(0, 0)


def test_fewer_examples_are_spread_evenly() -> None:
    """The first and some later ones are kept; short intents stay whole; 0 means all."""
    examples = {"a": tuple("0123456789"), "b": ("x",)}
    assert limited(examples, 5) == {"a": ("0", "2", "4", "6", "8"), "b": ("x",)}
    assert limited(examples, 0) == examples


def test_the_order_is_mixed_and_the_same_each_time() -> None:
    """Both sides are asked the same texts in the same order."""
    texts = [str(number) for number in range(50)]
    assert drawn_texts(texts) == drawn_texts(texts)
    assert sorted(drawn_texts(texts)) == sorted(texts)
    assert list(drawn_texts(texts)) != texts


def side(name: str, per_second: float) -> Side:
    loads = tuple(Load(n, 10, 0, 1.0, 2.0, 3.0, per_second * n) for n in (1, 4, 16))
    return Side(name, None, 3.0, Memory(100, 90), Memory(per_second, 90), loads)


def test_the_table_and_the_ratios() -> None:
    """Every figure stands in the table; without stock there is nothing to divide by."""
    stream = Stream(20, 8, 0.6, Load(1, 20, 0, 0.1, 2.0, 3.0, 400))
    few = side("ours, 20", 500)
    report = Report(100, 5, 2, 0.1, side("ours", 400), few, side("stock, 20", 100), stream)
    found = ratios(report)
    assert found["ours: memory"] == 4
    assert found["ours: questions a second, 16 at once"] == 4
    assert found["ours, 20: questions a second, 16 at once"] == 5
    shown = table(report)
    for word in ("ours, 20", "stock", "60.0%", "1 / 2 / 3", "16 at once: 4 times", "100 / 90"):
        assert word in shown
    alone = Report(100, 5, 2, 0.1, side("ours", 400), None, None, stream)
    assert ratios(alone) == {}
    assert "stock" not in table(alone)
    assert report.as_json()["ratios"] == found


def test_a_missing_environment_says_how_to_build_it(tmp_path: Path) -> None:
    """The stock pipeline comes from Rasa's own package."""
    with pytest.raises(BenchError, match="make setup"):
        pipeline(Environment(tmp_path / "bin" / "python"))
