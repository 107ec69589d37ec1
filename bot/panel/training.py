"""The panel's training with the real NLU service, where the models lie."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from bot.knowledge import canaries, training_examples
from bot.reading import trained
from content.catalogue import Catalogue
from content.panel.ports import CannotTrain, Examined, Progress
from nlu.client import NluClient, NluUnavailable
from nlu.live import LiveService
from nlu.models import BadModel, ModelStore
from nlu.promotion import accept, asking
from nlu.service import ServiceError
from nlu.training import Environment, TrainingError, model_file
from nlu.trial import DEVELOPMENT, failed_canaries, read_questions

# What the page of a release says meanwhile; texts of the panel, in Spanish.
TRAINING = "Entrenando el modelo con las preguntas nuevas. Puede tardar unos minutos."
STARTING = "Arrancando el modelo nuevo a un lado, para hacerle las preguntas de control."
ASKING = "Haciendo las preguntas de control al modelo nuevo y al que atiende ahora."

_POLITE = 10
_ATTEMPTS = 5
_PAUSE = 0.5  # seconds after a busy service refused a question


class RealTraining:
    """`content.panel.ports.Training` over the model store of this machine.

    Training and the new model's server are processes of their own at low priority. One model at a
    time is trained.
    """

    def __init__(
        self,
        store: ModelStore,
        environment: Environment,
        live: Callable[[], LiveService | None],
    ) -> None:
        """Keep where the models lie, and what gives the service of this process."""
        self._store = store
        self._live = live
        self._environment = replace(environment, nice=_POLITE)
        self._one = asyncio.Lock()

    async def examine(
        self, catalogue: Catalogue, golden: Sequence[Mapping[str, str]], progress: Progress
    ) -> tuple[Examined, Examined | None]:
        """Train what is new, and ask it and the model that serves the same questions."""
        model = await self._trained(catalogue, progress)
        serving = self._store.current()
        old = None
        live = self._live()
        if golden and serving is not None and live is not None:
            progress(ASKING)
            old = await _asked(live.client, _name(serving), golden)
        if not golden:
            return Examined(_name(model), {}), None
        if model == serving and old is not None:
            return old, old
        progress(STARTING)
        try:
            async with self._beside(model) as client:
                progress(ASKING)
                if why := await failed_canaries(client, canaries(catalogue)):
                    raise CannotTrain(
                        "El modelo nuevo no reconoce sus propios ejemplos. Revise si alguno está "
                        f"repetido en dos respuestas, y examine otra vez. ({why})"
                    )
                return await _asked(client, _name(model), golden), old
        except (ServiceError, BadModel) as error:
            raise CannotTrain(f"El modelo nuevo no arranca. {error}") from error

    async def _trained(self, catalogue: Catalogue, progress: Progress) -> Path:
        examples = training_examples(catalogue)
        known = model_file(examples, self._store.folder, self._environment)
        if not await asyncio.to_thread(known.exists):
            progress(TRAINING)
        async with self._one:
            questions = await asyncio.to_thread(read_questions, DEVELOPMENT)
            try:
                return await trained(
                    catalogue, self._store, self._environment, lambda line: None, questions
                )
            except TrainingError as error:
                raise CannotTrain(f"El modelo no se pudo entrenar. {error}") from error
            except OSError as error:
                raise CannotTrain(
                    f"El modelo no se pudo guardar ({error.strerror}). Pida a quien administra el "
                    "servidor que haga espacio en el disco."
                ) from error

    def _beside(self, model: Path) -> AbstractAsyncContextManager[NluClient]:
        return asking(model, self._environment)

    async def promote(self, model: str) -> None:
        """Let a model serve; the running service takes it up by itself, see `nlu.live`."""
        archive = self._store.archive(model)
        if archive == self._store.current():
            return
        try:
            await asyncio.to_thread(accept, archive, self._store)
        except (BadModel, OSError) as error:
            raise CannotTrain(f"El modelo no se pudo cambiar. {error}") from error

    def serving(self) -> str | None:
        """Return the name of the model that shall serve."""
        current = self._store.current()
        return None if current is None else _name(current)


def _name(model: Path) -> str:
    return model.name.removesuffix(".tar.gz")


async def _asked(client: NluClient, model: str, golden: Sequence[Mapping[str, str]]) -> Examined:
    """Ask one question after the other: whoever serves people has time for them in between."""
    right: dict[str, tuple[int, int]] = {}
    wrong = []
    for question in golden:
        got = await _patiently(client, question["text"])
        good = got == question["article"]
        had, asked = right.get(question["language"], (0, 0))
        right[question["language"]] = (had + good, asked + 1)
        if not good:
            wrong.append(
                {
                    "text": question["text"],
                    "language": question["language"],
                    "expected": question["article"],
                    "got": got,
                }
            )
    return Examined(model, right, tuple(wrong))


async def _patiently(client: NluClient, text: str) -> str:
    """Return the best candidate; ask again while a busy machine refuses."""
    for _ in range(_ATTEMPTS):
        try:
            ranked = await client.parse(text)
        except NluUnavailable:
            await asyncio.sleep(_PAUSE)
            continue
        return ranked[0].intent if ranked else ""
    raise CannotTrain(
        "El servicio que entiende las preguntas no contestó. Espere unos minutos y examine otra "
        "vez."
    )
