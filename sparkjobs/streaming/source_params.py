"""The flags of the sources that streams read, and which source takes which. Pure."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from sparkjobs import checks
from sparkjobs.errors import UsageError
from sparkjobs.ingest.flows import DELTA, FILES, KAFKA, RATE, KafkaFlow, flow_among
from sparkjobs.ingest.messages.given import PLACES
from sparkjobs.params import param
from sparkjobs.streaming.sources.kafka.options import client_options
from sparkjobs.streaming.sources.start import start_of
from sparkjobs.streaming.trigger import AVAILABLE_NOW


def _plain(given: Any) -> None:
    client_options(given, ())


def _secret(given: Any) -> None:
    client_options((), given)


@dataclass(frozen=True)
class SourceParams:
    """Flags that mean something to some sources."""

    start: str | None = param(
        None,
        help="where the first run begins: earliest (default), latest, a time, or offsets as JSON",
        metavar="earliest|latest|TIME|JSON",
        group="source",
        identity=False,
    )
    columns_: tuple[str, ...] = param(
        (),
        help="names of the fields of CSV records, which have no header",
        metavar="A,B",
        group="source",
        since="0.2.0",
    )
    data_loss: str = param(
        "fail",
        help="what rows do that were deleted before they were read: end the run, or be passed over",
        choices=("fail", "ignore"),
        group="source",
        identity=False,
    )
    changes: str = param(
        "refuse",
        help="what a commit does that updates or deletes: end the run, or be passed over as a whole",
        choices=("refuse", "skip"),
        group="source",
        identity=False,
    )
    archive: str | None = param(
        None,
        help="folder that files which were read are moved to",
        metavar="DIR",
        group="source",
        identity=False,
    )
    kafka_option: tuple[str, ...] = param(
        (),
        help="setting of the Kafka client; repeat for more",
        metavar="K=V",
        check=_plain,
        repeatable=True,
        group="source",
        identity=False,
    )
    kafka_secret: tuple[str, ...] = param(
        (),
        help="setting of the Kafka client whose value is secret, and where it is found; repeat for more",
        metavar="K=env:NAME|file:PATH",
        check=_secret,
        repeatable=True,
        group="source",
        identity=False,
    )
    max_rows_per_batch: int | None = param(
        None,
        help="rows that one batch reads at most, the first one too (default: 1,000,000)",
        metavar="N",
        check=checks.at_least(1),
        group="source",
        identity=False,
    )


# Which sources take a flag; a flag that stands not here belongs to all of them.
_TAKEN_BY = {
    "start": (KAFKA, DELTA),
    "columns_": (KAFKA,),
    "data_loss": (KAFKA,),
    "changes": (DELTA,),
    "kafka_option": (KAFKA,),
    "kafka_secret": (KAFKA,),
    "max_rows_per_batch": (KAFKA, DELTA, RATE),
    "max_files_per_batch": (FILES, DELTA),
    "archive": (FILES,),
    "skip_file": (FILES,),
    "bad_files": (FILES,),
    "glob": (FILES,),
    "format": (FILES, KAFKA),
    "delimiter": (FILES, KAFKA),
    "null": (FILES, KAFKA),
}
_NAMES = {
    FILES: "folders of files",
    KAFKA: "kafka:// inputs",
    DELTA: "delta:// inputs",
    RATE: "rate:// inputs",
}
_RECORDS = ("text", "csv", "jsonl")


def check_source(params: Any, default_format: str) -> None:
    """Refuse flags that mean nothing to the input, or do not go with it.

    Args:
        params: of a stream.
        default_format: the format that its job takes without ``--format``.

    Raises:
        UsageError: names the flag.
    """
    flow = flow_among(params.input)
    kind = FILES if flow is None else flow.kind
    for field in dataclasses.fields(params):
        takers = _TAKEN_BY.get(field.name)
        if takers is not None and kind not in takers and getattr(params, field.name) != field.default:
            flag = "--" + field.name.rstrip("_").replace("_", "-")
            names = " and ".join(_NAMES[taker] for taker in takers)
            raise UsageError(f"{flag} means nothing to --input {params.input[0]}", f"It is for {names}.")
    if isinstance(flow, KafkaFlow):
        _check_records(params.format or default_format, params.columns_)
        client_options(params.kafka_option, params.kafka_secret)
    # It is asked for at the first start alone, and a wrong one is refused at any.
    start_of(params.start, params.timezone, flow.topic if isinstance(flow, KafkaFlow) else None)
    if kind == RATE and params.trigger == AVAILABLE_NOW:
        raise UsageError(
            f"--trigger {AVAILABLE_NOW}: there is no end to --input {params.input[0]}",
            'Give the time between batches, such as --trigger "10 seconds".',
        )


def _check_records(form: str, columns: tuple[str, ...]) -> None:
    if form not in _RECORDS:
        raise UsageError(f"--format {form}: records of Kafka are text, csv or jsonl", "Give one of these.")
    if form == "csv" and not columns:
        raise UsageError("--format csv needs --columns", "Records have no header: name their fields.")
    if form != "csv" and columns:
        raise UsageError(f"--columns does not go with --format {form}", "It names the fields of csv.")
    place = next((name for name in columns if name in PLACES), None)
    if place is not None:
        raise UsageError(f"--columns names {place!r}, which every record has beside its value", "Rename it.")
    double = next((name for name in columns if columns.count(name) > 1), None)
    if double is not None:
        raise UsageError(f"--columns names {double!r} twice", "Give each field a name of its own.")
