"""Settings with which spark-submit leaves while the application runs.

Airflow's provider sets them from 6.1 on, so that it can follow the application itself. A run of ours is held
by the process that follows it: it keeps the tables' locks, and ends the application when it has to go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from launcher.spec.cluster import DeployMode
from launcher.spec.finding import Finding
from launcher.spec.layer import Pin

# yarn.Client and KubernetesClientApplication: false = submitted is done.
WAIT_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "yarn": "spark.yarn.submit.waitAppCompletion",
        "k8s://": "spark.kubernetes.submission.waitAppCompletion",
    }
)


def waiting(planned: Mapping[str, str], mode: DeployMode) -> dict[str, str]:
    """What makes spark-submit stay until the application's end, whoever asked for what.

    Args:
        planned: settings of the plan.
        mode: in cluster mode the key is set even where nobody named it, for a JVM option may.
    """
    master = planned.get("spark.master", "")
    keys = [key for start, key in WAIT_KEYS.items() if mode == "cluster" and master.startswith(start)]
    return dict.fromkeys([*keys, *(key for key in WAIT_KEYS.values() if key in planned)], "true")


def airflow_tracking(pins: Iterable[Pin]) -> Iterator[Finding]:
    """Somebody asks spark-submit to leave at once."""
    for pin in pins:
        if pin.key in WAIT_KEYS.values() and pin.value.strip().lower() != "true":
            yield Finding(
                "airflow-tracking",
                "warning",
                (pin.key,),
                f"{pin.place}: {pin.key}={pin.value} lets spark-submit leave while the application runs; "
                "sparkjob run and sparkjob-submit set it to true and follow the application to its end",
                "Leave yarn_track_via_rm_api and track_driver_via_k8s_api out of Airflow's operator, and set "
                "durable=False.",
            )
