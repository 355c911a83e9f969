"""The cluster: resources, its master, the network between."""

from launcher.runs.explain.cause import BY_MANAGER, Cause

CAUSES = (
    Cause(
        id="executor-too-large",
        looks_like="`more resource than any of Workers could have`, `above the max threshold`",
        hint="No node can hold one such executor: ask for fewer cores or less memory "
        "(--executor-cores, --executor-memory); memory counts with its overhead.",
        errors=(r"Required (?:executor|AM) memory .* is above the max threshold",),
        warnings=(r"requires more resource than any of Workers could have",),
    ),
    Cause(
        id="no-resources",
        looks_like="`Initial job has not accepted any resources`",
        hint="The cluster gave no executor: it has no worker alive, or others hold its cores and "
        "memory. Look at its page, wait, or ask for less.",
        warnings=(r"Initial job has not accepted any resources",),
    ),
    Cause(
        id="queue-unknown",
        looks_like="YARN: `to unknown queue`",
        hint="YARN has no such queue, or you may not use it: name another with --queue or in the profile.",
        errors=(
            r"to unknown queue|[Qq]ueue .* (?:does not exist|is not accepting)"
            r"|cannot submit applications to queue",
        ),
        recorded=False,
    ),
    Cause(
        id="master-unreachable",
        looks_like="`All masters are unresponsive! Giving up.`",
        hint="Nobody answers at the master's address: check host and port of --master or of the "
        "profile, that the master runs, that it speaks the same Spark version, and that no "
        "firewall is between.",
        ended=(r"All masters are unresponsive",),
        unless="authentication-failed",
        retry=True,
    ),
    Cause(
        id="application-killed",
        looks_like="`Master removed our application: KILLED`, YARN: `was killed by user`",
        hint="Somebody ended the application at the cluster manager: its page, or its audit log, tells who.",
        errors=(rf"^{BY_MANAGER}(?s:.*)(?:was killed by user|Application killed by user)",),
        ended=(
            r"Master removed our application: KILLED",
            r"YARN application has exited unexpectedly with state KILLED",
            r"Yarn application has already ended! It might have been killed",
        ),
        recorded=False,
    ),
    Cause(
        id="port-taken",
        looks_like="`Address already in use: Service 'sparkDriver' failed after 16 retries`",
        hint="The port is taken by another process: leave spark.driver.port, "
        "spark.blockManager.port and spark.ui.port to Spark, or raise spark.port.maxRetries.",
        errors=(r"Address already in use",),
    ),
    Cause(
        id="address-not-here",
        looks_like="`Cannot assign requested address: Service 'sparkDriver' failed`",
        hint="spark.driver.bindAddress (or SPARK_LOCAL_IP, or what the host name resolves to) is "
        "no address of this machine: set it to one, such as 127.0.0.1 for local runs.",
        errors=(r"Cannot assign requested address",),
    ),
    Cause(
        id="host-unknown",
        looks_like="`UnknownHostException`, `Name or service not known`",
        hint="The host name cannot be resolved from there: check its spelling, DNS and /etc/hosts.",
        errors=(r"UnknownHostException|Name or service not known|UnresolvedAddressException|gaierror",),
    ),
    Cause(
        id="connection-refused",
        looks_like="`Connection refused`",
        hint="Nobody listens at that address: check that the service runs, its host and its port.",
        errors=(r"Connection refused|ConnectionRefusedError",),
        retry=True,
    ),
    Cause(
        id="timed-out",
        looks_like="`TimeoutException`, `Futures timed out after`, `Read timed out`",
        hint="An answer did not come in time: the other side is overloaded or the network slow. "
        "Long garbage collections do it as well; spark.network.timeout gives more patience.",
        errors=(
            r"TimeoutException|TimeoutError|Futures timed out|[Rr]ead timed out|[Cc]onnect(?:ion)? timed out",
        ),
        retry=True,
    ),
)
