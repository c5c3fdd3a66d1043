#!/bin/sh
# gh-action-mutex (github.com/ben-z/gh-action-mutex), its algorithm written anew from its documentation and from how it
# behaves. Taken: a queue of tickets in a file of one branch; a client adds its ticket at the end and pushes, after a
# rejected push again on what is there now; it looks until its ticket is the first line; unlocking takes the line away.
# It looks every 5 seconds and pushes again after 1. Not taken: the container, making the clone anew for each job, tokens.
# usage: peer-mutex.sh CLONE ID COUNT LOOK AGAIN   (seconds; the clone is on the branch `mutex`, which has the file `queue`)
cd "$1" || exit 1
id=$2 count=$3 look=$4 again=$5

latest() { git fetch --quiet origin mutex && git reset --quiet --hard FETCH_HEAD || exit 1; }

# Applies a change to the queue until a push has taken it.
change() {
  until latest && sed -i "$1" queue && git commit --quiet -a -m "$2" && git push --quiet origin HEAD:mutex 2>/dev/null; do
    sleep "$again"
  done
}

turn=0
while [ "$turn" -lt "$count" ]; do
  turn=$((turn + 1))
  ticket=$id-$turn
  change "\$a$ticket" "$ticket waits"
  # The line above the first ticket is the file's head, which sed needs to have something to add to.
  while latest && [ "$(sed -n 2p queue)" != "$ticket" ]; do sleep "$look"; done
  change "/^$ticket\$/d" "$ticket goes"
done
