#!/usr/bin/env bash
# Lists the NVIDIA GPUs of this machine as Spark's resource discovery wants them:
#   {"name":"gpu","addresses":["0","1"]}
# A standalone worker runs it through spark.worker.resource.gpu.discoveryScript, YARN's containers through
# spark.executor.resource.gpu.discoveryScript. It fails where nvidia-smi fails: a worker without its GPUs
# should not start.
set -euo pipefail

indexes=$(nvidia-smi --query-gpu=index --format=csv,noheader)
addresses=""
for index in $indexes; do
  addresses="${addresses:+$addresses,}\"$index\""
done
printf '{"name":"gpu","addresses":[%s]}\n' "$addresses"
