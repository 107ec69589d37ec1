"""What stands for training where models are trained elsewhere: behind ORIENTA_NLU_URL."""

from collections.abc import Mapping, Sequence

from content.catalogue import Catalogue
from content.panel.ports import CannotTrain, Examined, Progress


class TrainedElsewhere:
    """`content.panel.ports.Training` that says why nothing can be trained here."""

    async def examine(
        self, catalogue: Catalogue, golden: Sequence[Mapping[str, str]], progress: Progress
    ) -> tuple[Examined, Examined | None]:
        """Raise `CannotTrain`."""
        raise CannotTrain(
            "Aquí no se entrena ningún modelo: el servicio que entiende las preguntas corre en "
            "otra máquina. Pida a quien administra el servidor que lo entrene allí."
        )

    async def promote(self, model: str) -> None:
        """Raise `CannotTrain`."""
        raise CannotTrain("El modelo se cambia en la máquina donde corre el servicio.")

    def serving(self) -> str | None:
        """Return None: its name is not known here."""
        return None
