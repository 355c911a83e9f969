"""The few calls to the API of Kubernetes that we need, with the credentials that spark-submit would take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from launcher.managers.http import ATTEMPTS, CONNECT_S, PAUSE_S, READ_S, NoAnswer
from launcher.spec.cluster import Cluster

SUBMISSION = "spark.kubernetes.authenticate.submission"
MOST_LOG_LINES = 2000
CONTEXT = "spark.kubernetes.context"
# Settings of Spark, and where the client keeps the same.
_FILES = {"caCertFile": "ssl_ca_cert", "clientCertFile": "cert_file", "clientKeyFile": "key_file"}


class PodsApi:
    """Lists and deletes pods of one namespace.

    Args:
        cluster: the profile: address, namespace, and in its ``conf`` context and credentials.
        kubeconfig: the user's file; ``None`` takes ``~/.kube/config``, inside a pod its service account.
    """

    def __init__(self, cluster: Cluster, kubeconfig: str | None) -> None:
        bare = (cluster.address or "").removeprefix("k8s://")
        self.host = bare if "://" in bare else f"https://{bare}"
        self.namespace = cluster.kubernetes.namespace if cluster.kubernetes else "default"
        self._settings, self._kubeconfig = cluster.conf, kubeconfig
        self._client: Any = None

    def labelled(self, selector: str) -> bytes:
        """The list of the pods with a label, as the API answers it.

        Raises:
            NoAnswer: nobody answers, or refuses us.
        """
        return self._call("list_namespaced_pod", label_selector=selector)

    def log(self, name: str) -> bytes:
        """The end of what a pod wrote.

        Raises:
            NoAnswer: nobody answers, or refuses us.
        """
        return self._call("read_namespaced_pod_log", name=name, tail_lines=MOST_LOG_LINES)

    def delete(self, name: str, grace_s: int) -> None:
        """Ask for the end of a pod: SIGTERM, and SIGKILL after ``grace_s``.

        Raises:
            NoAnswer: nobody answers, or refuses us.
        """
        self._call("delete_namespaced_pod", name=name, grace_period_seconds=grace_s)

    def _call(self, what: str, **arguments: Any) -> bytes:
        from kubernetes.client.exceptions import ApiException
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential
        from urllib3.exceptions import HTTPError

        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS), wait=wait_exponential(PAUSE_S),
            retry=retry_if_exception_type((HTTPError, OSError)), reraise=True,
        )  # fmt: skip
        arguments |= {"namespace": self.namespace, "_preload_content": False}
        arguments |= {"_request_timeout": (CONNECT_S, READ_S)}
        try:
            return bytes(retrying(getattr(self._connected(), what), **arguments).data)
        except ApiException as error:
            if error.status == 404:  # deleted meanwhile
                return b""
            raise NoAnswer(f"{self.host} answers {error.status} {error.reason}") from error
        except (HTTPError, OSError) as error:
            raise NoAnswer(f"{self.host} does not answer: {error}") from error

    def _connected(self) -> Any:
        from kubernetes import client

        if self._client is None:
            self._client = client.CoreV1Api(client.ApiClient(self._configuration()))
        return self._client

    def _configuration(self) -> Any:
        from kubernetes import client

        made = client.Configuration()
        made.retries = False  # ours are enough, and silent
        lacking = _from_surroundings(made, self._kubeconfig, self._settings.get(CONTEXT))
        if not self._override(made) and lacking:
            raise NoAnswer(f"no credentials for {self.host}: {lacking}")
        self._hook(made)
        return made

    def _hook(self, made: Any) -> None:
        """Before each request the package reads the kubeconfig again, and hooks itself in again."""
        refresh = made.refresh_api_key_hook
        if refresh is None:
            return

        def refresh_and_override(configuration: Any) -> None:
            refresh(configuration)
            self._override(configuration)
            configuration.refresh_api_key_hook = refresh_and_override

        made.refresh_api_key_hook = refresh_and_override

    def _override(self, made: Any) -> bool:
        """As spark-submit does: --master replaces the kubeconfig's server, settings its credentials.

        Whether settings bring any.
        """
        made.host = self.host
        return _from_settings(made, self._settings)


def _from_surroundings(made: Any, kubeconfig: str | None, context: str | None) -> str:
    """Take a kubeconfig's credentials, else those of a pod; why there are none, else nothing."""
    from kubernetes import config

    try:
        config.load_kube_config(kubeconfig, context=context, client_configuration=made)
    except config.ConfigException as outside:
        try:
            config.load_incluster_config(client_configuration=made)
        except config.ConfigException:
            return str(outside)
    return ""


def _from_settings(made: Any, settings: Mapping[str, str]) -> bool:
    """Take the credentials that the profile gives spark-submit; whether there are any."""
    given = {key: settings[f"{SUBMISSION}.{key}"] for key in _FILES if f"{SUBMISSION}.{key}" in settings}
    for key, value in given.items():
        setattr(made, _FILES[key], value)
    token = settings.get(f"{SUBMISSION}.oauthToken") or _text(settings.get(f"{SUBMISSION}.oauthTokenFile"))
    if token:
        # Older and newer versions of the package look under different names.
        made.api_key |= dict.fromkeys(("authorization", "BearerToken"), f"Bearer {token}")
    return bool(given or token)


def _text(file: str | None) -> str | None:
    return Path(file).read_text(encoding="utf-8").strip() if file else None
