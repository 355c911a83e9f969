"""Which layer decides, what the profile enforces, and what job files may not set."""

from __future__ import annotations

import pytest

from launcher.spec.cluster import Cluster
from launcher.spec.config.flags import PIN_OPTIONS, flag_pins
from launcher.spec.config.guarded import why_guarded
from launcher.spec.config.layers import enforce, pins
from launcher.spec.config.properties import Properties, parse_properties
from launcher.spec.config.read_job_file import job_file_of
from launcher.spec.job_file import JobFile
from launcher.spec.known_keys import known
from launcher.spec.layer import Origin, resolve
from launcher.spec.value_types import same_setting
from tests.unit.config.reading import STANDALONE, cluster, document, refused


def job_file(text: str) -> JobFile:
    return job_file_of(document("script: a.py\n" + text), "j")


def defaults(text: str) -> Properties:
    return parse_properties(text, "spark-defaults.conf", Origin.DEFAULTS)


def profile(text: str = "") -> Cluster:
    return cluster(STANDALONE + text)


def test_the_highest_layer_decides_and_shows_what_it_overrides():
    requested = pins(
        flags=flag_pins({"executor_memory": "1g"}),
        job_file=job_file("executor_memory: 2g\nexecutor_cores: 2\n"),
        properties=defaults("spark.executor.memory 3g\nspark.executor.cores 3\nspark.x 3\n"),
        cluster=profile(
            "conf: {spark.executor.memory: 4g, spark.executor.cores: '4', spark.x: '4', spark.y: '4'}\n"
        ),
    )
    found = resolve(requested)
    assert {key: (pin.value, pin.place) for key, pin in found.items()} == {
        "spark.executor.memory": ("1g", "--executor-memory"),
        "spark.executor.cores": ("2", "c.yaml:3"),
        "spark.x": ("3", "spark-defaults.conf:3"),
        "spark.y": ("4", "c.yaml:7"),
    }
    assert [pin.value for pin in found["spark.executor.memory"].overridden] == ["2g", "3g", "4g"]


def test_every_key_of_a_job_file_that_is_a_flags_twin_becomes_a_pin():
    twins = {option.name: option.key for option in PIN_OPTIONS if option.name in JobFile.__struct_fields__}
    samples = {"executor_memory": "4g", "driver_memory": "4g", "deploy_mode": "cluster"}
    lines = [
        f"{name}: {samples.get(name, '2' if 'cores' in name or 'num' in name else 'x')}" for name in twins
    ]
    read = job_file("\n".join(lines) + "\n")
    requested = pins(job_file=read, cluster=profile("trusted_confs: ['spark.*']\n"))
    assert {pin.key: pin.place for pin in requested} == {
        key: f"c.yaml:{number}" for number, key in enumerate(twins.values(), start=2)
    }
    assert len(twins) == 19


def test_lists_and_bounds_become_values_that_spark_reads():
    read = job_file("py_files: [a.py, b.zip]\ndynamic_allocation: {min: 1, max: 9}\nexecutor_memory: 1536m\n")
    assert {pin.key: pin.value for pin in pins(job_file=read, cluster=profile())} == {
        "spark.executor.memory": "1536m",
        "spark.submit.pyFiles": "a.py,b.zip",
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "1",
        "spark.dynamicAllocation.maxExecutors": "9",
    }


GUARDED = [
    "spark.driver.extraJavaOptions", "spark.executor.defaultJavaOptions", "spark.yarn.am.extraJavaOptions",
    "spark.driver.extraClassPath", "spark.executor.userClassPathFirst", "spark.plugins", "spark.jars",
    "spark.jars.packages", "spark.jars.ivySettings", "spark.submit.proxyUser", "spark.extraListeners",
    "spark.sql.queryExecutionListeners", "spark.ui.filters", "spark.pyspark.python",
    "spark.pyspark.driver.python", "spark.executorEnv.PYTHONPATH", "spark.yarn.appMasterEnv.PYSPARK_PYTHON",
    "spark.yarn.jars", "spark.yarn.dist.jars", "spark.yarn.archive", "spark.kerberos.keytab",
    "spark.executor.resource.gpu.discoveryScript", "spark.kubernetes.container.image",
    "spark.kubernetes.driver.podTemplateFile", "spark.kubernetes.authenticate.driver.serviceAccountName",
    "spark.hadoop.fs.s3a.bucket.b.secret.key", "spark.hadoop.hadoop.security.authentication",
    "spark.ui.view.acls", "spark.acls.enable", "spark.authenticate", "spark.python.daemon.module",
]  # fmt: skip
FREE = [
    "spark.executor.memory", "spark.sql.shuffle.partitions", "spark.archives", "spark.files",
    "spark.submit.pyFiles", "spark.sql.extensions", "spark.serializer", "spark.yarn.queue",
    "spark.python.worker.reuse", "spark.pyspark.memory", "spark.hadoop.fs.s3a.endpoint",
    "spark.executor.resource.gpu.amount", "spark.kubernetes.executor.request.cores",
    "spark.rapids.sql.enabled",
]  # fmt: skip


@pytest.mark.parametrize("key", GUARDED)
def test_a_job_file_may_not_set_what_runs_code_or_changes_identity_or_jars(key):
    read = job_file(f"conf:\n  {key}: 'x'\n")
    assert refused(lambda: pins(job_file=read, cluster=profile())) == (
        f"c.yaml:3: {key} {why_guarded(key)}; a job file may not set it"
    )
    trusting = profile(f"trusted_confs: ['{key}']\n")
    assert [pin.key for pin in pins(job_file=read, cluster=trusting)] == [key]
    assert pins(flags=flag_pins({}, [f"{key}=x"]), cluster=profile())


def test_an_old_name_of_a_guarded_key_is_guarded_too():
    assert why_guarded("spark.yarn.kerberos.relogin.period") == "changes identity"


@pytest.mark.parametrize("key", FREE)
def test_a_job_file_may_set_the_rest(key):
    assert why_guarded(key) is None


def test_twins_of_guarded_keys_are_guarded_as_well():
    read = job_file("jars: a.jar\ndriver_java_options: -Dx\n")
    assert refused(lambda: pins(job_file=read, cluster=profile())).splitlines() == [
        "c.yaml:2: spark.jars changes jars; a job file may not set it",
        "c.yaml:3: spark.driver.extraJavaOptions runs code; a job file may not set it",
    ]


def test_a_job_file_may_name_who_is_told_only_where_the_profile_allows_it():
    read = job_file("on_failure: {webhook: 'https://h/x'}\n")
    message = "c.yaml:2: on_failure runs a command or calls an address, and c does not allow that"
    assert refused(lambda: pins(job_file=read, cluster=profile())) == message
    assert refused(lambda: pins(job_file=read, cluster=profile("on_failure: refuse\n"))) == message
    assert pins(job_file=read, cluster=profile("on_failure: allow\n")) == ()


def test_a_value_that_differs_from_an_enforced_one_is_refused_with_both_places():
    bound = profile("enforced: {spark.executor.memory: 4g, spark.authenticate: 'true'}\n")
    requested = pins(flags=flag_pins({"executor_memory": "8g"}), cluster=bound)
    assert refused(enforce, resolve(requested), bound) == (
        "--executor-memory: spark.executor.memory is 8g, and c.yaml:7 enforces 4g"
    )
    alike = pins(properties=defaults("spark.executor.memory 4096m\nspark.authenticate TRUE\n"), cluster=bound)
    enforce(resolve(alike), bound)


def test_an_enforced_value_is_a_value_of_the_profile():
    bound = profile("enforced: {spark.x: '1'}\n")
    assert [(pin.value, pin.origin) for pin in pins(cluster=bound)] == [("1", Origin.PROFILE)]
    enforce(resolve(pins(cluster=bound)), bound)


@pytest.mark.parametrize(
    ("key", "one", "other", "same"),
    [
        ("spark.executor.memory", "4g", "4096m", True),
        ("spark.executor.memory", "4g", "4G", True),
        ("spark.executor.memory", "4096", "4g", True),
        ("spark.driver.maxResultSize", "4096", "4g", False),
        ("spark.network.timeout", "120", "2min", True),
        ("spark.speculation", "true", "True", True),
        ("spark.nobody.knows", "true", "True", True),
        ("spark.executor.cores", "4", "+4", True),
        ("spark.executor.memory", "4", "4b", False),
        ("spark.app.name", "a", "A", False),
    ],
)
def test_values_are_compared_as_spark_reads_them(key, one, other, same):
    assert same_setting(known().types.get(key), one, other) is same
