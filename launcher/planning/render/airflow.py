"""A plan as the keyword arguments of Airflow's SparkSubmitOperator."""

from __future__ import annotations

from typing import Any

from launcher.planning.render.arguments import open_settings
from launcher.planning.result import Plan
from launcher.planning.submit.command import main_arguments, main_file

# What the operator has arguments for, and so does not want in ``conf``; the connection names the master.
# Its num_executors would fix the number: dynamic allocation goes through ``conf``.
ARGUMENTS = {
    "spark.app.name": "name",
    "spark.submit.deployMode": "deploy_mode",
    "spark.executor.cores": "executor_cores",
    "spark.executor.memory": "executor_memory",
    "spark.driver.memory": "driver_memory",
    "spark.driver.extraClassPath": "driver_class_path",
    "spark.jars": "jars",
    "spark.jars.packages": "packages",
    "spark.jars.excludes": "exclude_packages",
    "spark.jars.repositories": "repositories",
    "spark.submit.pyFiles": "py_files",
    "spark.files": "files",
    "spark.archives": "archives",
    "spark.yarn.queue": "yarn_queue",
    "spark.kerberos.principal": "principal",
    "spark.kerberos.keytab": "keytab",
    "spark.submit.proxyUser": "proxy_user",
}
NUMBERS = frozenset({"executor_cores"})


def airflow_arguments(plan: Plan) -> dict[str, Any]:
    """``SparkSubmitOperator(task_id=..., conn_id=..., **arguments)``; secrets are left to the connection."""
    settings = open_settings(plan)
    named = {name: settings.pop(key) for key, name in ARGUMENTS.items() if key in settings}
    settings.pop("spark.master", None)
    numbers = {name: int(value) for name, value in named.items() if name in NUMBERS}
    return {
        "application": main_file(plan.application),
        "application_args": main_arguments(plan.application),
        **named,
        **numbers,
        "conf": settings,
    }
