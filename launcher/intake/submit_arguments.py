"""What spark-submit's own argument list asks for: the door for tools that know nothing but spark-submit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.intake.gather_request import spark_home
from launcher.intake.invocation import Invocation
from launcher.places import SHIPPED, config_folders
from launcher.spec.cluster import Cluster, DeployMode, Kubernetes, Manager, Yarn
from launcher.spec.config.discovery import names
from launcher.spec.config.flags import SubmitLine
from launcher.spec.config.properties import gather_properties
from launcher.spec.config.read_profile import DEFAULT_TARGET, read_cluster
from launcher.spec.layer import resolve
from sparkjobs.errors import UsageError

TARGET_VARIABLE = "SPARKJOBS_TARGET"
_STARTS: Mapping[str, Manager] = {"spark://": "standalone", "yarn": "yarn", "k8s://": "kubernetes"}
_WITH_KEY = ("--properties-file", "--load-spark-defaults")


def invocation_of(line: SubmitLine, start: Path) -> Invocation:
    """The same as a command of ours."""
    return Invocation(
        what=line.application,
        arguments=line.arguments,
        start=start,
        pins=line.pins,
        properties_file=line.options.get("--properties-file"),
        load_spark_defaults="--load-spark-defaults" in line.options,
    )


def other_options(line: SubmitLine) -> tuple[str, ...]:
    """The flags that no setting stands for, as spark-submit takes them."""
    words: list[str] = []
    for flag, value in line.options.items():
        if flag not in _WITH_KEY:
            words += [flag] if value == "true" else [flag, value]
    return tuple(words)


def cluster_for(invocation: Invocation, environ: Mapping[str, str]) -> Cluster:
    """The profile of the master that is named: a user's own, else one that says no more than the master.

    ``SPARKJOBS_TARGET`` names a profile outright. The profiles that we ship are examples of clusters that
    nobody has, so none of them but the laptop's is taken for somebody's.

    Raises:
        UsageError: a master that Spark does not know.
    """
    if environ.get(TARGET_VARIABLE):
        return read_cluster(environ[TARGET_VARIABLE], environ, invocation.start)
    master, mode = _master_and_mode(invocation, environ)
    if master.startswith("local"):
        return read_cluster(DEFAULT_TARGET, environ, invocation.start)
    manager = next((found for prefix, found in _STARTS.items() if master.startswith(prefix)), None)
    if manager is None:
        raise UsageError(f"--master {master} is none that Spark 4 knows", "spark://, yarn, k8s://, local[N]")
    profiles = (read_cluster(name, environ, invocation.start) for name in _own(environ, invocation.start))
    own = [profile for profile in profiles if profile.master == master]
    return own[0] if len(own) == 1 else described_by_master(manager, master, mode, environ, invocation)


def described_by_master(
    manager: Manager, master: str, mode: DeployMode, environ: Mapping[str, str], invocation: Invocation
) -> Cluster:
    """A profile that knows the master alone: nothing is sized for it."""
    pins = resolve(invocation.pins)
    image = pins.get("spark.kubernetes.container.image")
    space = pins.get("spark.kubernetes.namespace")
    return Cluster(
        name=manager,
        manager=manager,
        address=None if manager == "yarn" else master,
        deploy_mode=mode,
        yarn=Yarn(hadoop_conf_dir=_hadoop(environ)) if manager == "yarn" else None,
        kubernetes=Kubernetes(
            image=image.value if image else "", namespace=space.value if space else "default"
        )
        if manager == "kubernetes"
        else None,
    )


def _master_and_mode(invocation: Invocation, environ: Mapping[str, str]) -> tuple[str, DeployMode]:
    known = {**environ, "SPARK_HOME": spark_home(environ)}
    files = gather_properties(
        known, invocation.properties_file, invocation.load_spark_defaults, invocation.start
    )
    pins = resolve((*invocation.pins, *files.pins))
    master, mode = pins.get("spark.master"), pins.get("spark.submit.deployMode")
    address = master.value if master else environ.get("MASTER") or "local[*]"
    return address, "cluster" if mode and mode.value == "cluster" else "client"


def _own(environ: Mapping[str, str], start: Path) -> Sequence[str]:
    folders = [folder.resolve() for folder in config_folders(environ, start)]
    if all(folder == SHIPPED.resolve() for folder in folders if (folder / "clusters").is_dir()):
        return ()
    shipped = {path.stem for path in (SHIPPED / "clusters").iterdir()}
    return [name for name in names("clusters", environ, start) if name not in shipped]


def _hadoop(environ: Mapping[str, str]) -> str:
    folder = environ.get("YARN_CONF_DIR") or environ.get("HADOOP_CONF_DIR")
    if not folder:
        raise UsageError(
            "--master yarn needs HADOOP_CONF_DIR or YARN_CONF_DIR", "Set one to YARN's configuration folder."
        )
    return folder
