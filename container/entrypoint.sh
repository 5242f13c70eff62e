#!/bin/sh
# Runs the gateway as the first process of a container: says why it does not start, watches that it becomes ready,
# passes signals on, reaps what is left behind, and ends with the gateway's exit code.
#
# OPENCLAW_READY_WAIT is how long a start may take (60s). An image whose container runtime leaves neither /.dockerenv
# nor /run/.containerenv sets OPENCLAW_IN_CONTAINER=1 itself, so that commands run with `exec` see it too.
set -u

# The first process of a container gets no signal it has not asked for.
trap 'exit 143' TERM INT

echo "[entrypoint] Starting OpenClaw gateway"

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
launcher=$here/../openclaw.cjs
[ -f "$launcher" ] || launcher=$here/../bin/openclaw.cjs

openclaw() {
  node "$launcher" "$@"
}

# Exit code 1 says that there is no value; whatever else is wrong, the gateway itself says.
openclaw config get gateway.mode >/dev/null 2>&1
if [ $? -eq 1 ]; then
  echo "ERROR: gateway.mode not configured. Run openclaw setup or set gateway.mode=local to start in local-only mode." >&2
  exit 78
fi

if [ "$(openclaw config get gateway.bind 2>/dev/null)" = loopback ]; then
  echo "[entrypoint] WARNING: in this container the gateway listens on loopback (127.0.0.1) only, nobody outside can reach it" >&2
  echo "[entrypoint]   fix: openclaw config set gateway.bind \"0.0.0.0\", then restart the container" >&2
fi

# The port of the guides, so that -p 3001:3001 works.
export OPENCLAW_GATEWAY_EXTRA_PORTS="${OPENCLAW_GATEWAY_EXTRA_PORTS-3001}"

# Without Node's handler for WebAssembly a segmentation fault leaves a line in the kernel's log.
node --disable-wasm-trap-handler "$launcher" gateway run "$@" &
gateway=$!

again=
late=
trap 'again=1; kill -TERM "$gateway" 2>/dev/null' TERM INT
trap 'again=1; late=1; echo "[entrypoint] gateway did not become ready in time" >&2; kill -TERM "$gateway" 2>/dev/null' USR1

watch_start() {
  node "$launcher" health --check --wait "${OPENCLAW_READY_WAIT:-60s}" >/dev/null 2>&1 &
  probe=$!
  trap 'kill "$probe" 2>/dev/null; exit' TERM
  trap '' INT USR1
  wait "$probe"
  [ $? -eq 1 ] || exit 0
  kill -USR1 $$
  # A start that hangs so badly that it does not hear the first word.
  sleep 10 &
  probe=$!
  wait "$probe"
  kill -KILL "$gateway" 2>/dev/null
}
watch_start &
watch=$!

# A signal ends `wait` early, and then it is asked once more. 127: there is nothing left to wait for.
code=127
while
  again=
  wait "$gateway"
  got=$?
  [ "$got" -eq 127 ] || code=$got
  [ -n "$again" ]
do :; done
kill -TERM "$watch" 2>/dev/null

[ -z "$late" ] || exit 1
[ "$code" -le 128 ] || echo "[entrypoint] gateway was killed by signal $((code - 128))" >&2
exit "$code"
