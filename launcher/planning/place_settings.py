"""Where the application runs: what each manager needs to know beside sizes."""

from __future__ import annotations

from collections.abc import Mapping

from launcher.planning.containers import DRIVER_REQUEST, REQUEST, offered_millicores, requested
from launcher.planning.elastic import Counts
from launcher.planning.event_log_settings import put_event_log
from launcher.planning.pinned import Pinned
from launcher.planning.plan_request import PlanRequest
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.shape import Shape
from launcher.spec.cluster import Cluster, DeployMode, Manager, Nodes
from launcher.spec.security.settings import secure_settings
from launcher.spec.units import counted
from sparkjobs.errors import UsageError

KUBERNETES = "Spark: Running on Kubernetes"
YARN = "Spark: Running on YARN"
STANDALONE = "Spark: Standalone Mode"
_MASTERS: Mapping[Manager, str] = {
    "local": "local",
    "standalone": "spark://",
    "yarn": "yarn",
    "kubernetes": "k8s://",
}


def put_place(builder: SettingsBuilder, cluster: Cluster, mode: DeployMode) -> None:
    """Master and deploy mode.

    Raises:
        UsageError: the manager cannot run a Python driver in this mode, or somebody pinned another's master.
    """
    _check_master(builder.pins, cluster)
    # SparkSubmit.prepareSubmitEnvironment: no cluster mode for Python applications on standalone clusters.
    if cluster.manager == "standalone" and mode == "cluster":
        raise UsageError(
            f"target {cluster.name} is standalone, where Spark runs no Python driver inside the cluster",
            hint="leave --deploy-mode cluster out",
        )
    why = f"the {cluster.manager} manager of target {cluster.name}"
    builder.put(Group.PLACE, "spark.master", cluster.master, why, "Spark: Submitting Applications")
    why = "the driver runs where you type, and its output comes straight to you"
    if mode == "cluster":
        why = "the driver runs on a node, so the machine that submits may go away"
    builder.put(Group.PLACE, "spark.submit.deployMode", mode, why, "Spark: Submitting Applications")


def _check_master(pins: Pinned, cluster: Cluster) -> None:
    pin = pins.get("spark.master")
    if pin is not None and not pin.value.startswith(_MASTERS[cluster.manager]):
        raise UsageError(
            f"{pin.place}: spark.master={pin.value}, but target {cluster.name} is {cluster.manager}",
            hint="leave the master out, or choose the target that it belongs to: --target CLUSTER",
        )


def put_manager(
    builder: SettingsBuilder,
    request: PlanRequest,
    mode: DeployMode,
    shape: Shape,
    counts: Counts,
    driver_cores: int,
) -> None:
    """What the manager needs."""
    if request.cluster.manager == "standalone":
        _put_standalone(builder, shape, counts)
    elif request.cluster.manager == "yarn":
        _put_yarn(builder, request.cluster, mode)
    else:
        _put_requests(builder, request.cluster, mode, shape, driver_cores)
        _put_kubernetes(builder, request, mode)


def _put_standalone(builder: SettingsBuilder, shape: Shape, counts: Counts) -> None:
    cores = counts.max * shape.cores
    fixed = "" if counts.dynamic or counts.follows else f": {counts.max_why}"
    why = (
        f"{counted(counts.max, 'executor')} of {counted(shape.cores, 'core')}{fixed}; without it an "
        "application takes every core, and with less Spark silently starts fewer executors"
    )
    builder.put(Group.EXECUTORS, "spark.cores.max", cores, why, STANDALONE)


def _put_yarn(builder: SettingsBuilder, cluster: Cluster, mode: DeployMode) -> None:
    put = builder.put
    if cluster.queue:
        put(Group.PLACE, "spark.yarn.queue", cluster.queue, f"the queue of target {cluster.name}", YARN)
    why = "a driver that YARN started again by itself would write twice; retries are the launcher's"
    put(Group.PLACE, "spark.yarn.maxAppAttempts", 1, why, "Spark: yarn.Client")
    yarn = cluster.yarn
    if yarn is None:
        return
    if yarn.principal and yarn.keytab:
        why = f"target {cluster.name} wants Kerberos; with the keytab Spark renews its tickets by itself"
        put(Group.SITE, "spark.kerberos.principal", yarn.principal, why, "Spark: Security")
        why = "the key of the principal, which never leaves this machine and the driver"
        put(Group.SITE, "spark.kerberos.keytab", yarn.keytab, why, "Spark: Security")
    if yarn.python_archive:
        archive = yarn.python_archive
        # What follows # is the name of the link in each container's folder (yarn.Client, distributed cache).
        archive = archive if "#" in archive else f"{archive}#environment"
        folder = archive.partition("#")[2]
        why = f"Python and its packages for every container, unpacked there as ./{folder}"
        put(Group.PLACE, "spark.yarn.dist.archives", archive, why, "Spark: Python Package Management")
        # Executors get the driver's choice with each function (PythonFunction.pythonExec); here only its own
        # is open.
        if mode == "cluster":
            key, value = "spark.yarn.appMasterEnv.PYSPARK_PYTHON", f"./{folder}/bin/python"
            why = "driver and executors run the Python of the archive"
            put(Group.PLACE, key, value, why, "Spark: Python Package Management")


def _put_kubernetes(builder: SettingsBuilder, request: PlanRequest, mode: DeployMode) -> None:
    cluster, put = request.cluster, builder.put
    kubernetes = cluster.kubernetes
    if kubernetes is None:
        return
    of = f"of target {cluster.name}"
    put(Group.PLACE, "spark.kubernetes.container.image", kubernetes.image, f"the image {of}", KUBERNETES)
    put(Group.PLACE, "spark.kubernetes.namespace", kubernetes.namespace, f"the namespace {of}", KUBERNETES)
    if kubernetes.service_account:
        key = "spark.kubernetes.authenticate.driver.serviceAccountName"
        why = "the driver's pod makes and watches executor pods by its rights"
        put(Group.PLACE, key, kubernetes.service_account, why, KUBERNETES)
    _put_upload(builder, request, mode)
    _put_disks(builder, cluster)
    templates = {"driver": kubernetes.driver_pod_template, "executor": kubernetes.executor_pod_template}
    for role, template in templates.items():
        if template:
            why = f"the {role}'s pod starts from the template {of}; Spark overrides image, cores and memory"
            put(Group.PLACE, f"spark.kubernetes.{role}.podTemplateFile", template, why, KUBERNETES)


def _put_disks(builder: SettingsBuilder, cluster: Cluster) -> None:
    disks = cluster.nodes.local_disks if cluster.nodes else None
    for number, folder in enumerate(disks.paths if disks else (), start=1):
        # LocalDirsFeatureStep takes volumes of this name for shuffle files.
        volume = f"spark.kubernetes.executor.volumes.hostPath.spark-local-dir-{number}"
        why = f"shuffle files and what spills go to local disk {number} of target {cluster.name}"
        builder.put(Group.PLACE, f"{volume}.mount.path", folder, why, KUBERNETES)
        builder.put(Group.PLACE, f"{volume}.options.path", folder, why, KUBERNETES)


def _put_requests(
    builder: SettingsBuilder, cluster: Cluster, mode: DeployMode, shape: Shape, driver_cores: int
) -> None:
    assert cluster.nodes is not None  # a shape is made for nodes
    cores, why = _request(cluster, cluster.nodes, shape)
    builder.put(Group.EXECUTORS, REQUEST, cores, why, KUBERNETES)
    driver = requested(cluster, cluster.nodes, driver_cores, shape.room.cores)
    if mode == "cluster" and driver != str(driver_cores):
        why = "as the executors: a kubelet offers less than its node has"
        builder.put(Group.DRIVER, DRIVER_REQUEST, driver, why, KUBERNETES)


def _request(cluster: Cluster, nodes: Nodes, shape: Shape) -> tuple[str, str]:
    """The cores that an executor's pod asks for, and why."""
    holds = f"a node ({shape.room.how}) holds {counted(shape.per_node, 'executor')}"
    cores = requested(cluster, nodes, shape.cores, shape.room.cores)
    if cores == str(shape.cores):
        return cores, f"a pod asks for as many cores as it runs tasks, so {holds}"
    offered = offered_millicores(cluster, nodes)
    return cores, (
        f"{holds}, but its kubelet offers no more than {offered}m of {counted(nodes.cores, 'core')}; "
        f"{counted(shape.cores, 'task')} run at once all the same"
    )


def _put_upload(builder: SettingsBuilder, request: PlanRequest, mode: DeployMode) -> None:
    kubernetes = request.cluster.kubernetes
    key = "spark.kubernetes.file.upload.path"
    if mode != "cluster" or kubernetes is None:
        return
    if kubernetes.file_upload_path:
        why = "local files go there on their way to the driver's pod"
        builder.put(Group.PLACE, key, kubernetes.file_upload_path, why, KUBERNETES)
    elif request.jars and builder.pins.get(key) is None and any("://" not in jar for jar in request.jars):
        raise UsageError(
            f"target {request.cluster.name} has no kubernetes.file_upload_path, "
            f"and {len(request.jars)} local jars must reach the driver's pod",
            hint="add file_upload_path: s3a://bucket/folder to the profile",
        )


SECURITY = "Spark: Security"


def put_site(builder: SettingsBuilder, cluster: Cluster) -> None:
    """Event log and security."""
    put_event_log(builder, cluster)
    for guard in secure_settings(cluster):
        builder.put(Group.SITE, guard.key, guard.value, guard.reason, SECURITY)
