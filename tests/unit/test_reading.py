"""What a model's card says about being sure reaches the policy; nonsense does not."""

import pytest

from bot.policy import OUTSIDE, POSSIBLE, SURE, Policy
from bot.reading import with_thresholds


def test_thresholds_of_a_card_are_taken() -> None:
    """Per language where it says so, else its own default; the rest of the policy stays."""
    card = {
        "default_sure": 0.6, "sure": {"es": 0.55, "qu": 0.7}, "possible": {"qu": 0.25},
        "default_outside": 0.5, "outside": {"ht": 0.3},
    }  # fmt: skip
    policy = with_thresholds(Policy(offers=5), card)
    assert [policy.sure_in(lang) for lang in ("es", "qu", "fr")] == [0.55, 0.7, 0.6]
    assert [policy.possible_in(lang) for lang in ("qu", "fr")] == [0.25, POSSIBLE]
    assert [policy.outside_in(lang) for lang in ("ht", "fr")] == [0.3, 0.5]
    assert policy.offers == 5


def test_another_card_replaces_all_of_them() -> None:
    """Nothing of the model before is left."""
    policy = with_thresholds(Policy(), {"default_sure": 0.6, "sure": {"es": 0.5}})
    assert with_thresholds(policy, {}) == Policy()


@pytest.mark.parametrize(
    "card",
    [{"default_sure": "x"}, {"default_sure": True}, {"default_sure": 7}, {"default_sure": -1},
     {"sure": {"es": None}}, {"sure": [1]}, {"possible": {"xx": 0.5}}, {"other": 1},
     {"outside": {"es": 2}}],
)  # fmt: skip
def test_what_is_no_threshold_is_left_out(card: dict[str, object]) -> None:
    """A broken card gives the defaults."""
    policy = with_thresholds(Policy(), card)
    assert policy.sure_in("es") == SURE
    assert policy.possible_in("es") == POSSIBLE
    assert policy.outside_in("es") == OUTSIDE
