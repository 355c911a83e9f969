"""How settings are collected: lists grow, whoever asks."""

from __future__ import annotations

from launcher.planning.pinned import Pinned
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.spec.cluster import Gpus
from tests.unit.planning.clusters import GB, cluster, nodes, pin, plan, value

KEY = "spark.driver.extraJavaOptions"


def grown(pins: Pinned) -> tuple[str, str]:
    builder = SettingsBuilder(pins)
    builder.extend(Group.DRIVER, KEY, ["-Da=1"], " ", "first", "s")
    builder.extend(Group.GPU, KEY, ["-Db=2", "-Da=1"], " ", "second", "s")
    (setting,) = builder.settings()
    return setting.value, setting.reason


def test_a_list_that_two_parts_of_the_plan_extend_keeps_what_both_need():
    assert grown(Pinned({})) == ("-Da=1 -Db=2", "first; second")


def test_so_does_a_list_that_somebody_began():
    found, why = grown(Pinned({KEY: pin(KEY, "-Dmine=0")}))
    assert found == "-Dmine=0 -Da=1 -Db=2"
    assert why.endswith("the plan adds -Da=1: first; the plan adds -Db=2: second")


def test_a_gpu_driver_here_has_the_log_configuration_and_the_time_zone():
    machines = nodes(1, cores=64, memory_mib=512 * GB, gpu=Gpus(model="A100", count=4))
    made = plan(cluster("standalone", machines), log_config="file:///l.properties")
    options = ["-Dlog4j2.configurationFile=file:///l.properties", "-Duser.timezone=UTC"]
    assert sorted(value(made, KEY).split()) == sorted(options)
