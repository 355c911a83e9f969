"""A text model in a folder: ``sparkjobs.json`` (the card) and ``pipeline`` (pyspark.ml's own format).

The card is written first as unfinished and last as finished, so that a killed run leaves no folder
that could be taken for a model, and its rerun knows the folder for its own.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.errors import UsageError
from sparkjobs.identity import RunIdentity
from sparkjobs.ingest.parameter_files import read_parameter_file
from sparkjobs.ingest.storage import S3Settings, write_text
from sparkjobs.jvm import hadoop_configuration, jvm_of
from sparkjobs.tables.nesting import refuse_below
from sparkjobs.transforms.feature_settings import ModelCard, read_card

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import SparkSession

CARD = "sparkjobs.json"
PIPELINE = "pipeline"


def card_text(folder: str) -> str:
    """The card of a saved model; it changes with every training, so it stands for the model.

    Raises:
        UsageError: there is no card.
    """
    return read_parameter_file("--model", paths.child(paths.normalise(folder), CARD))


def load_card(folder: str) -> ModelCard:
    """The card of a model that can be applied.

    Raises:
        UsageError: no card, or the training did not finish.
        DataError: not a card of ours.
    """
    card = read_card(card_text(folder), f"--model {folder}")
    if not card.finished:
        raise UsageError(f"--model {folder}: its training did not finish", "Run the training again.")
    return card


def load_pipeline(folder: str) -> PipelineModel:
    """The fitted pipeline."""
    from pyspark.ml import PipelineModel

    return PipelineModel.load(paths.hadoop(paths.child(paths.normalise(folder), PIPELINE)))


def refuse_occupied(spark: SparkSession, folder: str, identity: RunIdentity, force: bool) -> None:
    """Refuse to write a model over another one, or into a folder with other things.

    Raises:
        UsageError: the folder holds another run's model (``--force`` writes over it) or foreign files.
        WriteError: it lies in a table, whose vacuum would take the model's files.
    """
    place = paths.normalise(folder)
    refuse_below(spark, place)
    names = _names(spark, place)
    if not names:
        return
    if CARD not in names:
        raise UsageError(f"--save-model {folder}: the folder holds other files", "Name a new folder.")
    earlier = read_card(card_text(place), f"--save-model {folder}").identity
    own = all(earlier.get(name) == getattr(identity, name) for name in ("job", "interval", "config_hash"))
    if not own and not force:
        raise UsageError(
            f"--save-model {folder}: a model of run {earlier.get('run_id')} is there",
            "Name a new folder, or write over it with --force.",
        )


def save(model: PipelineModel, card: ModelCard, folder: str) -> None:
    """Write the model; readers see it once the card says that it is finished."""
    place = paths.normalise(folder)
    s3 = S3Settings.from_environment(os.environ)
    write_text(paths.child(place, CARD), replace(card, finished=False).to_json(), s3)
    model.write().overwrite().save(paths.hadoop(paths.child(place, PIPELINE)))
    write_text(paths.child(place, CARD), replace(card, finished=True).to_json(), s3)


def _names(spark: SparkSession, folder: str) -> set[str]:
    """What a folder holds, by Hadoop, which knows every scheme; nothing where there is none."""
    place = jvm_of(spark).org.apache.hadoop.fs.Path(paths.hadoop(folder))
    system = place.getFileSystem(hadoop_configuration(spark))
    if not system.exists(place):
        return set()
    return {str(status.getPath().getName()) for status in system.listStatus(place)}
