#!/bin/sh
# A systemctl for tests: reads the unit files that are there, starts what they say with nothing but their variables,
# and remembers what it was told. Only what the product uses; whatever else is asked ends with 1. Its state is in the
# folder FAKE_SYSTEMD: `calls` with a line for each call, and files named after the unit.
set -u

scope=
now=
mkdir -p "$FAKE_SYSTEMD"
echo "$*" >>"$FAKE_SYSTEMD/calls"
set -- "$@" --end
while [ "$1" != --end ]; do
  case $1 in
    --user) scope=user- ;;
    --now) now=1 ;;
    --*) ;;
    *) set -- "$@" "$1" ;;
  esac
  shift
done
shift
verb=${1-}
name=${2-}
if [ -n "$scope" ]; then folder=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user; else folder=/etc/systemd/system; fi
unit=$folder/$name
state=$FAKE_SYSTEMD/$scope$name

value() { sed -n "s/^$1=//p" "$unit"; }
runs() { [ -f "$state.pid" ] && kill -0 "$(cat "$state.pid")" 2>/dev/null; }

start() {
  runs && return 0
  [ -f "$unit" ] || { echo "Failed to start $name: Unit $name not found." >&2; exit 5; }
  rm -f "$state.code"
  # Quotes are those of a shell; of the doubled signs one is meant.
  words=$(value ExecStart | sed 's/%%/%/g; s/\$\$/\\$/g')
  variables=$(value Environment | sed 's/%%/%/g' | tr '\n' ' ')
  secrets=$(value EnvironmentFile | sed 's/^-//; s/%%/%/g')
  eval "set -- $variables $words"
  setsid env -i HOME="$HOME" OPENCLAW_IN_CONTAINER=0 sh -c \
    'set -a; [ ! -f "$0" ] || . "$0"; cd "$HOME"; exec env "$@"' "$secrets" "$@" \
    </dev/null >"$state.out" 2>&1 &
  echo $! >"$state.pid"
  # Until it has a session of its own, it would end with this one.
  for _ in $(seq 200); do [ "$(cut -d' ' -f6 /proc/$!/stat)" = $! ] && break; sleep 0.01; done
}

stop() {
  runs || return 0
  kill "$(cat "$state.pid")"
  for _ in $(seq 200); do runs || break; sleep 0.05; done
  echo 0 >"$state.code"
}

switch() {
  alias=$(value Alias)
  if [ "$1" = on ]; then
    [ -z "$alias" ] || ln -sfn "$unit" "$folder/$alias"
    touch "$state.enabled"
  else
    [ -z "$alias" ] || rm -f "$folder/$alias"
    rm -f "$state.enabled"
  fi
}

show() {
  [ -f "$unit" ] || { printf 'LoadState=not-found\nActiveState=inactive\nSubState=dead\nMainPID=0\n'; exit; }
  code=0
  [ ! -f "$state.code" ] || code=$(cat "$state.code")
  echo LoadState=loaded
  if runs; then printf 'ActiveState=active\nSubState=running\nMainPID=%s\nResult=success\n' "$(cat "$state.pid")"
  elif [ "$code" = 0 ]; then printf 'ActiveState=inactive\nSubState=dead\nMainPID=0\nResult=success\n'
  else printf 'ActiveState=failed\nSubState=failed\nMainPID=0\nResult=exit-code\n'; fi
  [ ! -f "$state.code" ] || printf 'ExecMainCode=1\nExecMainStatus=%s\n' "$code"
  if [ -f "$state.enabled" ]; then echo UnitFileState=enabled; else echo UnitFileState=disabled; fi
}

case $verb in
  show) if [ -z "$name" ]; then echo Version=252; else show; fi ;;
  daemon-reload | reset-failed) ;;
  enable) switch on ;;
  disable) switch off; [ -z "$now" ] || stop ;;
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  *) echo "Unknown command verb $verb." >&2; exit 1 ;;
esac
