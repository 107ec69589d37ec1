"""Whether a freshly trained model may take the place of the one that serves."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nlu.client import NluUnavailable
from nlu.model_card import BadCard, ModelCard, add_to_card, read_card
from nlu.models import BadModel, ModelStore, digest, verify
from nlu.rasa import RasaClient
from nlu.service import RasaService, ServiceError
from nlu.training import Environment
from nlu.trial import (
    Question,
    Verdict,
    failed_canaries,
    judge,
    objection,
    questions_hash,
    verdict_from,
)

SERVED = "served"  # our part of a card's evaluation
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Examination:
    """What a model is asked: examples that it must know again, and the development questions."""

    canaries: tuple[Question, ...]
    questions: tuple[Question, ...]
    environment: Environment


async def promote_or_refuse(
    model: Path, store: ModelStore, examination: Examination, progress: Callable[[str], None]
) -> Path:
    """Examine a trained model once, promote it or say why not, and return the one that serves.

    It must load, know its own examples again, and not be worse on the development questions than
    the current model by more than the margins of `nlu.trial`. Raise `BadModel` when it is refused
    and there is no other.
    """
    current = store.current()
    if model == current:
        return model
    card = _card(model)
    if not card.refused and verdict_from(card.evaluation.get(SERVED)) is None:
        card = await _examined(model, current, examination, progress)
    if card.refused:
        return _kept(model, current, card.refused, progress)
    store.promote(model)
    progress(f"The model {model.name} serves from now on.")
    return model


def _card(model: Path) -> ModelCard:
    try:
        return read_card(model) or ModelCard(model.name.removesuffix(".tar.gz"))
    except BadCard as bad:
        raise BadModel(str(bad)) from bad


def _kept(model: Path, current: Path | None, why: str, progress: Callable[[str], None]) -> Path:
    told = f"The model {model.name} is not used. {why}"
    if current is None or not current.is_file():
        raise BadModel(f"{told} There is no other model: correct the examples and train again.")
    progress(
        f"{told} {current.name} goes on serving. To use it all the same: "
        f"`orienta nlu promote {model.name.removesuffix('.tar.gz')}`."
    )
    return current


async def _examined(
    model: Path, current: Path | None, examination: Examination, progress: Callable[[str], None]
) -> ModelCard:
    """Load the model in a process of its own, ask it, and write down what came of it."""
    progress("Examining the new model before it serves.")
    try:
        verify(model)
        async with asking(model, examination.environment) as client:
            why = await failed_canaries(client, examination.canaries)
            verdict = await judge(client, examination.questions)
    except (BadModel, ServiceError, NluUnavailable) as error:
        raise BadModel(f"The model {model.name} cannot serve. {error}") from error
    if not why:
        why = objection(verdict, await _verdict_of(current, examination, progress))
    return _noted(model, verdict, refused=why)


async def _verdict_of(
    current: Path | None, examination: Examination, progress: Callable[[str], None]
) -> Verdict | None:
    """Return how the current model does on the same questions, asked now if its card is silent."""
    if current is None or not examination.questions:
        return None
    try:
        known = verdict_from(_card(current).evaluation.get(SERVED))
        if known is not None and known.questions == questions_hash(examination.questions):
            return known
        progress("Examining the model that serves, to compare.")
        async with asking(current, examination.environment) as client:
            verdict = await judge(client, examination.questions)
    except (BadModel, ServiceError, NluUnavailable) as error:
        progress(f"The model before cannot be compared with: {error}")
        return None
    _noted(current, verdict)
    return verdict


def _noted(model: Path, verdict: Verdict, **changes: str) -> ModelCard:
    evaluation = {**_card(model).evaluation, SERVED: verdict.as_json()}
    return add_to_card(model, evaluation=evaluation, digest=digest(model), **changes)


@asynccontextmanager
async def asking(model: Path, environment: Environment) -> AsyncIterator[RasaClient]:
    """Serve a model in a process of its own as long as the block lasts; raise `ServiceError`."""
    service = RasaService(model, environment=environment, patience=_PATIENCE)
    await service.start(lambda line: None)
    try:
        client = RasaClient(service.base_url, service.token, _PATIENCE)
        try:
            yield client
        finally:
            await client.aclose()
    finally:
        await service.aclose()


def accept(model: Path, store: ModelStore) -> None:
    """Promote a model by a person's decision, whatever was said against it; raise `BadModel`."""
    verify(model)
    if _card(model).refused:
        add_to_card(model, refused="")
    store.promote(model)
