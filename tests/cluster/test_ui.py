"""``sparkjob ui``: Spark's pages of one run, and nothing left of them."""

from __future__ import annotations

import signal

import psutil
import requests

from tests.cluster.running import World, until

SCRIPT = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.range(10).count()
"""


def shown(world: World):
    """A server that shows a run, and its link."""
    process = world.begin("ui", "last")
    assert process.stdout is not None
    link = process.stdout.readline().strip()
    assert link, world.end(process).stderr
    return process, link


def test_the_pages_of_one_run(tmp_path):
    world = World(tmp_path)
    without = world.script("none.py", "raise SystemExit(3)")
    assert world.sparkjob("run", without, "--driver-memory", "1g").code == 1
    refused = world.sparkjob("ui", "last")
    assert (refused.code, refused.stdout) == (2, "")
    assert "has no event log" in refused.stderr

    temporary = tmp_path / "tmp"
    temporary.mkdir()
    world.environ["TMPDIR"] = str(temporary)
    done = world.sparkjob("run", world.script("counts.py", SCRIPT), "--driver-memory", "1g")
    assert done.code == 0, done.stderr
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        process, link = shown(world)
        application = done.result["application_id"]
        assert link.startswith("http://127.0.0.1:")
        assert link.endswith(f"/history/{application}/")
        assert requests.get(link, timeout=30).status_code == 200
        api = link.partition("/history/")[0] + "/api/v1/applications"
        assert [found["id"] for found in requests.get(api, timeout=30).json()] == [application]
        server = psutil.Process(process.pid).children(recursive=True)
        listens = {
            conn.laddr.ip for one in server for conn in one.net_connections() if conn.status == "LISTEN"
        }
        assert listens <= {"127.0.0.1", "::ffff:127.0.0.1"}
        process.send_signal(number)
        assert world.end(process).code == code
        assert not [one for one in server if _lives(one)]
        assert not list(temporary.iterdir())
    process, _ = shown(world)
    server = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    world.end(process)
    until(lambda: True if not [one for one in server if _lives(one)] else None, "the end of the server")


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
