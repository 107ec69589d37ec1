"""Present dangers are found; what only looks like one is not."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.emergency import KINDS, EmergencyRules, EmergencyRulesError
from nlu.emergency_data import texts_of

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "content" / "emergency" / "rules").glob("*.yml"))
DATA: dict[str, Mapping[str, Any]] = {
    file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in FILES
}
RULES = EmergencyRules.from_data(DATA)

SMALL: dict[str, Any] = {
    "sound": "spanish",
    "spelling": {"xq": "porque"},
    "negations": ["no", "nunca"],
    "light": ["me", "ha"],
    "past": ["hace # años"],
    "general": ["que_es"],
    "sets": {"hits": ["pega", "pegó~", "golpe*"]},
    "rules": [
        {"kind": "partner-family-violence", "patterns": ["me_@hits"], "unless": ["sol"]},
        {"kind": "medical", "patterns": ["no_respira"]},
        {"kind": "child-danger", "patterns": ["tengo_#minor_años ... me_@hits"]},
    ],
}


def _small(**changes: Any) -> EmergencyRules:
    return EmergencyRules.from_data({"es": {**SMALL, **changes}})


@pytest.mark.parametrize("language", DATA)
def test_the_rules_alone_find_a_third_of_the_phrases(language: str) -> None:
    """Without the second net still a third of the phrases beside the rules are found.

    Nine of ten of those are found as their kind. The rest are there for the second net.
    """
    phrases, _ = texts_of(language, DATA[language])
    told = [(kind, text) for kind, texts in phrases.items() for text in texts]
    seen = [(kind, found) for kind, text in told if (found := RULES.detect(text))]
    assert len(told) >= 400
    assert len(seen) >= 0.35 * len(told)
    assert sum(kind == found for kind, found in seen) >= 0.85 * len(seen)


@pytest.mark.parametrize("language", DATA)
def test_few_calm_phrases_break_a_rule(language: str) -> None:
    """Negated, past, general and everyday sentences are no emergency."""
    _, calm = texts_of(language, DATA[language])
    assert len(calm) >= 200
    assert _share(RULES, calm) <= 0.03


@pytest.mark.parametrize("language", DATA)
def test_all_kinds_are_covered(language: str) -> None:
    """Every language has rules and phrases for every kind."""
    assert {rule["kind"] for rule in DATA[language]["rules"]} == set(KINDS)
    assert set(DATA[language]["phrases"]) == set(KINDS)


@pytest.mark.parametrize(
    "text",
    [
        "me pega",
        "ME PEGA!!",
        "me pegó ayer",
        "me golpeaaaa",
        "xq me pega",
        "hace 3 años que me pega",
    ],
)
def test_a_present_danger_counts(text: str) -> None:
    """Case, cries, chat spelling and a long duration change nothing."""
    assert _small().detect(text) == "partner-family-violence"


@pytest.mark.parametrize(
    "text",
    [
        "no me pega",
        "nunca me ha pegado, no me golpea",
        "hace 3 años me pegó",
        "que es cuando me pega",
        "me pega el sol",
        "pega",
        "",
        "😀",
    ],
)
def test_what_is_no_danger(text: str) -> None:
    """Negated, long past, general, cancelled by `unless`, or incomplete."""
    assert _small().detect(text) is None


def test_a_negation_in_another_clause_does_not_reach_over() -> None:
    """'No' before a comma, or before a word of another sense, leaves the danger standing."""
    assert _small().detect("no, me pega") == "partner-family-violence"
    assert _small().detect("no sé qué hacer porque me pega") == "partner-family-violence"


def test_a_pattern_may_itself_say_no() -> None:
    """'No respira' is danger although it is negated."""
    assert _small().detect("mi mamá no respira") == "medical"


def test_the_gravest_kind_is_named() -> None:
    """Of two dangers the one that stands first among the kinds is told."""
    assert _small().detect("me pega. mi mamá no respira") == "medical"


def test_minors_are_numbers_up_to_seventeen() -> None:
    """`#minor` takes 12 and not 30."""
    assert _small().detect("tengo 12 años y mi papá me pega") == "child-danger"
    assert _small().detect("tengo 30 años y mi papá me pega") == "partner-family-violence"


def test_one_slip_of_the_finger_is_forgiven() -> None:
    """A letter swapped, lost or doubled in a long word does not hide the danger."""
    assert RULES.detect("mi mardio me golepa") == "partner-family-violence"
    assert RULES.detect("my husbnad is beting me") == "partner-family-violence"


def test_languages_mix() -> None:
    """Rules of every language run on every message."""
    assert RULES.detect("hola, i need help, my husband beats me") == "partner-family-violence"
    assert RULES.detect("bonjour, mi mamá no respira") == "medical"


def test_a_pattern_does_not_reach_over_a_sentence() -> None:
    """Words of two sentences do not make one danger."""
    assert _small().detect("dímelo a me. pega el sello") is None


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"rulez": []}, ["'rulez'", "Correct or remove"]),
        ({"sound": "klingon"}, ["klingon", "spanish"]),
        ({"rules": None}, ["`rules`", "list"]),
        ({"rules": [{"kind": "fire", "patterns": ["x"]}]}, ["rules[1]", "fire", "medical"]),
        ({"rules": [{"kind": "medical", "patterns": ["me_@hurts"]}]}, ["@hurts", "hits"]),
        ({"rules": [{"kind": "medical", "patterns": ["a(b"]}]}, ["rules[1] (medical)", "a(b"]),
        ({"rules": [{"kind": "medical", "patterns": ["&"]}]}, ["rules[1]", "empty"]),
        ({"rules": [{"kind": "medical", "patterns": [False]}]}, ["False", "quotes"]),
        ({"rules": [{"kind": "medical", "patterns": ["x"], "sure": 1}]}, ["sure", "rules[1]"]),
        ({"rules": ["x"]}, ["rules[1]", "name: value"]),
        ({"negations": ["sin", False]}, ["negations", "quotes"]),
        ({"spelling": ["x"]}, ["spelling"]),
        ({"past": ["@nothing"]}, ["past", "@nothing"]),
    ],
)
def test_a_fault_in_the_data_names_place_and_remedy(
    change: dict[str, Any], names: list[str]
) -> None:
    """The error names the file, the rule and what to write."""
    with pytest.raises(EmergencyRulesError) as caught:
        _small(**change)
    message = str(caught.value)
    assert message.startswith("content/emergency/rules/es.yml: ")
    for name in names:
        assert name in message


def test_a_kind_of_phrases_that_is_none_is_a_fault() -> None:
    """Phrases under an unknown kind are refused."""
    with pytest.raises(EmergencyRulesError, match=r"phrases has the kind 'fire'"):
        _small(phrases={"fire": ["fuego"]})


def test_the_second_net_finds_what_no_rule_names() -> None:
    """With enough ordinary questions, a text that sounds like known danger is found too."""
    ordinary = [f"cuánto cuesta el trámite número {n} en migraciones" for n in range(600)]
    phrases = {"medical": ["mi bebé tiene mucha fiebre y tiembla", "mi abuela tiembla con fiebre"]}
    data = {"es": {**SMALL, "phrases": phrases}}
    assert EmergencyRules.from_data(data).detect("tiembla con mucha fiebre") is None
    both = EmergencyRules.from_data(data, {"health/costs": ordinary})
    assert both.detect("tiembla con mucha fiebre") == "medical"
    assert both.detect("cuánto cuesta el trámite") is None


def test_the_second_net_stays_off_without_enough_questions() -> None:
    """A handful of examples teaches nothing: only the rules speak."""
    data = {"es": {**SMALL, "phrases": {"medical": ["mucha fiebre"]}}}
    few = EmergencyRules.from_data(data, {"greet": ["hola", "buenas"]})
    assert few.detect("mucha fiebre") is None


def _evaluation() -> tuple[list[str], list[str]]:
    """Return the texts of the evaluation set with a present danger, and those without."""
    lines = (ROOT / "tests" / "evaluation" / "questions.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in lines.splitlines()]
    danger = [row["text"] for row in rows if row["emergency"]]
    return danger, [row["text"] for row in rows if not row["emergency"]]


def _share(rules: EmergencyRules, texts: list[str]) -> float:
    return sum(rules.detect(text) is not None for text in texts) / len(texts)


def test_the_rules_on_questions_that_they_were_not_written_for() -> None:
    """On the evaluation set the rules alone find more than half of the dangers, and few others."""
    danger, calm = _evaluation()
    assert _share(RULES, danger) > 0.55
    assert _share(RULES, calm) < 0.04


def _content() -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the content's examples by article and intent, and the articles' kinds of danger."""
    examples: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for file in sorted((ROOT / "content").glob("*/*/*/*.yml")):
        text = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        name = f"{file.parts[-3]}/{file.parts[-2]}"
        if file.name != "article.yml":
            examples.setdefault(name, []).extend(text.get("examples", ()))
        elif text.get("emergency"):
            kinds[name] = text["emergency"]
    for file in sorted((ROOT / "content" / "intents").glob("*.yml")):
        text = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        examples[text["intent"]] = [line for lines in text["examples"].values() for line in lines]
    return examples, kinds


@pytest.fixture(scope="module")
def both() -> EmergencyRules:
    """Return the rules with the second net, learned from the whole content."""
    return EmergencyRules.from_data(DATA, *_content())


def test_rules_and_second_net_on_the_evaluation_set(both: EmergencyRules) -> None:
    """With the content's examples four of five dangers are found, and few others."""
    danger, calm = _evaluation()
    assert _share(both, danger) > 0.8
    assert _share(both, calm) < 0.05


@pytest.mark.parametrize("language", DATA)
def test_what_stands_beside_the_rules_is_known(both: EmergencyRules, language: str) -> None:
    """Who writes a missed danger into `phrases`, or a false alarm into `calm`, cures it."""
    phrases, calm = texts_of(language, DATA[language])
    assert _share(both, [text for texts in phrases.values() for text in texts]) >= 0.99
    assert _share(both, calm) <= 0.01


@pytest.mark.parametrize(
    "text",
    ["quiero matarme", "i want to kill myself", "quero me matar", "je veux mourir",
     "m vle mouri", "me pega", "my husband beats me", "mi mamá no respira"],
)  # fmt: skip
def test_plain_words_of_danger_are_never_lost(both: EmergencyRules, text: str) -> None:
    """However ordinary its words are, a short plain cry for help is heard."""
    assert both.detect(text) is not None


def test_the_same_content_learns_the_same(both: EmergencyRules) -> None:
    """Nothing in the learning is left to chance."""
    again = EmergencyRules.from_data(DATA, *_content())
    texts = [text for data in DATA.values() for text in data["calm"]]
    assert [again.detect(text) for text in texts] == [both.detect(text) for text in texts]


def test_the_second_net_silences_a_rule_in_a_calm_text() -> None:
    """A rule that fires in what ordinary questions say again and again is not heard."""
    ordinary = [f"cuánto golpea el sol en la calle número {n}" for n in range(600)]
    phrases = {"partner-family-violence": ["mi esposo me golpea duro", "mi esposo golpea y grita"]}
    rule = {"kind": "partner-family-violence", "patterns": ["golpea"]}
    data = {"es": {**SMALL, "rules": [rule], "phrases": phrases}}
    assert EmergencyRules.from_data(data).detect("cuánto golpea el sol en la calle")
    both = EmergencyRules.from_data(data, {"weather": ordinary})
    assert both.detect("cuánto golpea el sol en la calle") is None
    assert both.detect("mi esposo me golpea") == "partner-family-violence"


_WORDS = sorted({word for data in DATA.values() for word in json.dumps(data).lower().split()})


@settings(max_examples=25, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(_WORDS), min_size=1, max_size=60).map(" ".join),
        st.text(min_size=1, max_size=80),
        st.sampled_from(
            ["a", "a ", "no me pega ", "mi\n", "1 ", "m'a ", ",.", "😀", "(", "\u0301"]
        ),
    )
)
def test_no_text_takes_long(piece: str) -> None:
    """Twenty thousand characters of anything take less than two seconds."""
    text = (piece * (20_000 // len(piece) + 1))[:20_000]
    started = time.perf_counter()
    RULES.detect(text)
    assert time.perf_counter() - started < 2
