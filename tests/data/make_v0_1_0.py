"""How ``v0.1.0`` was made: by the commands of version 0.1.0 alone, then freed of the machine's paths.

``python tests/data/make_v0_1_0.py HOME`` where HOME is a checkout of 0.1.0 whose ``.venv`` is set up and
whose jars are fetched. Every text keeps ``@PLACE@`` for the folder of the data, ``@HOME@`` for the
checkout, ``@USER@`` for the user's home and ``@HOST@`` for the host. A hash of parameters depends on
the place, too: it stands as ``@HASH:NAME@``, and ``hashes/NAME.json`` holds the text that 0.1.0 hashed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent / "v0.1.0"
DAY = ("--interval", "2026-01-31")
SERIES = ("--key-columns", "key", "--window", "1 hour", "--derive", "twice=value*2")

# What runs of batch jobs are called with, by the name of their hash.
BATCH = {
    "words": ("wordcount", "--input", "in/text", "--output", "lake/words", *DAY),
    "totals": ("sum_by_key", "--input", "in/sales.csv", "--output", "lake/totals", "--mode", "append", *DAY,
               "--key-column", "town", "--value-column", "amount", "--max-bad-rows", "1"),
    "merged": ("sum_by_key", "--input", "in/sales.csv", "--output", "lake/merged", "--mode", "merge", *DAY,
               "--key-column", "town", "--value-column", "amount", "--max-bad-rows", "1"),
    "analytics": ("analytics", "--input", "in/series", "--output", "lake/analytics", *DAY, *SERIES),
}  # fmt: skip
ONE = ("--max-files-per-batch", "1")
STREAMS = {
    "words_stream": ("wordcount_stream", "--input", "in/text", "--output", "lake/words_stream", *ONE),
    "series_stream": ("analytics_stream", "--input", "in/series", "--output", "lake/series_stream",
                      *SERIES, *ONE),
    "killed_stream": ("analytics_stream", "--input", "in/killed", "--output", "lake/killed_stream",
                      *SERIES, *ONE),
}  # fmt: skip
HASHED = """
import json, sys
from datetime import datetime, timezone
from sparkjobs import catalogue, identity, params
from sparkjobs.prepare import prepare
job = catalogue.get(sys.argv[1])
run = prepare(job, params.parse(job.params, sys.argv[2:]), datetime.now(timezone.utc))
values = params.canonical(run.params)
text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
print(json.dumps([text, run.identity.config_hash]))
"""


def write_input(place: Path) -> None:
    """The files that the jobs read."""
    texts = {
        "in/text/a.txt": "the cat and the dog\n",
        "in/text/b.txt": "the end\n",
        "in/sales.csv": "town,amount\nOslo,1.50\nRome,2\nOslo,3.25\nRome,x\n",
    }
    for folder, count in (("series", 2), ("killed", 3)):
        for number in range(count):
            rows = "".join(f"2026-01-31T0{number}:{m:02}:00,{number * 10 + m},k{m % 2}\n" for m in range(4))
            texts[f"in/{folder}/{number}.csv"] = "timestamp,value,key\n" + rows
    for name, text in texts.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)


def main(home: Path) -> None:
    """Make everything in a temporary folder, then keep it without the machine's paths."""
    place = Path(tempfile.mkdtemp(prefix="made-"))
    write_input(place)
    environ = {**os.environ, "XDG_STATE_HOME": str(place / "state")}
    sparkjob = str(home / ".venv/bin/sparkjob")

    def call(*command: str, may_fail: bool = False) -> str:
        found = subprocess.run(command, cwd=place, env=environ, capture_output=True, text=True, check=False)
        if found.returncode and not may_fail:
            sys.exit(f"{command}: {found.returncode}\n{found.stdout}\n{found.stderr}")
        return found.stdout

    hashes = {}
    for name, (job, *flags) in (BATCH | STREAMS).items():
        python = str(home / ".venv/bin/python")
        text, digest = json.loads(call(python, "-c", HASHED, job, *flags))
        assert hashlib.sha256(text.encode()).hexdigest() == digest
        hashes[name] = (text, digest)
        if name != "killed_stream":
            call(sparkjob, "run", job, "--", *flags)
    call(sparkjob, "run", "wordcount", "--", "--input", "in/none", "--output", "lake/none", may_fail=True)
    kill_between_two_tables(home, place, STREAMS["killed_stream"])
    call(sparkjob, "table", "tag", "lake/totals", "first")
    keep(place, home, hashes, HERE)
    shutil.rmtree(place)


def kill_between_two_tables(home: Path, place: Path, command: tuple[str, ...]) -> None:
    """Kill the stream in its third batch: ``rows`` has taken it in, ``groups`` has not."""
    jars = subprocess.run(
        [str(home / ".venv/bin/sparkjob"), "jars", "path"], capture_output=True, text=True, check=True
    ).stdout.strip()
    options = f"--master local[2] --jars {jars} --conf spark.ui.enabled=false"
    # The number that the launcher's plan gives, which a checkpoint holds its stream to.
    options += " --conf spark.sql.shuffle.partitions=2 pyspark-shell"
    environ = {**os.environ, "PYSPARK_SUBMIT_ARGS": options}
    process = subprocess.Popen(
        [str(home / ".venv/bin/python"), "-m", "sparkjobs", *command],
        cwd=place, env=environ, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    stream = place / "lake/killed_stream"
    third = f"_delta_log/{2:020}.json"
    while not (stream / "rows" / third).exists():
        assert process.poll() is None, "the stream ended too soon"
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (stream / "groups" / third).exists(), "too late: make it again"


def keep(place: Path, home: Path, hashes: dict[str, tuple[str, str]], here: Path) -> None:
    """Copy what is worth keeping, without checksums (they would not fit) and without the machine's paths."""
    words = {str(place): "@PLACE@", str(home): "@HOME@", str(Path.home()): "@USER@"}
    words |= {digest: f"@HASH:{name}@" for name, (_, digest) in hashes.items()}
    words |= {f'"host": "{socket.gethostname()}"': '"host": "@HOST@"'}
    shutil.rmtree(here, ignore_errors=True)
    for source in sorted(path for path in place.rglob("*") if path.is_file()):
        inside = source.relative_to(place)
        if not worth_keeping(inside):
            continue
        target = here / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        data = source.read_bytes()
        target.write_bytes(data if source.suffix == ".parquet" else freed(data, words))
    (here / "hashes").mkdir()
    for name, (text, _) in hashes.items():
        (here / f"hashes/{name}.json").write_bytes(freed(text.encode(), words))


def worth_keeping(inside: Path) -> bool:
    """Not checksums, what the machine alone needs, nor quarantines: their rows hold paths of the machine."""
    hidden = inside.name.startswith(".") and inside.name.endswith(".crc")
    quarantine = any(part.endswith("_quarantine") for part in inside.parts)
    return not (hidden or quarantine or "eventlog" in inside.parts or inside.name.startswith("driver"))


def freed(data: bytes, words: dict[str, str]) -> bytes:
    """Text with placeholders."""
    for word, placeholder in words.items():
        data = data.replace(word.encode(), placeholder.encode())
    return data


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
