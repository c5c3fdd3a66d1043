#!/bin/sh
# Concourse's pool-resource (github.com/concourse/pool-resource), its algorithm written anew from its documentation. Taken:
# a lock is a file in `unclaimed/` or `claimed/`; claiming and releasing move it, commit and push; when there is nothing to
# claim, or the push was rejected, the clone goes back to what the remote has and tries again after `retry_delay`, by
# default 10 seconds. Not taken: pools of several locks, cloning anew for each step.
# usage: peer-pool.sh CLONE ID COUNT DELAY   (seconds; the clone is on the branch `pool`, which has `unclaimed/lock`)
cd "$1" || exit 1
id=$2 count=$3 delay=$4

move() {
  until git fetch --quiet origin pool && git reset --quiet --hard FETCH_HEAD && [ -e "$1/lock" ] &&
    mkdir -p "$2" && git mv "$1/lock" "$2/lock" && git commit --quiet -m "$3" &&
    git push --quiet origin HEAD:pool 2>/dev/null; do
    sleep "$delay"
  done
}

turn=0
while [ "$turn" -lt "$count" ]; do
  turn=$((turn + 1))
  move unclaimed claimed "$id claims, $turn"
  move claimed unclaimed "$id releases, $turn"
done
