#!/bin/sh
# What one writes first: fetch, reset, change a line, commit, push; again when it was rejected. Claims COUNT lines of the
# form "free N" in the file board of the branch main of the repository in DIR. JITTER=1: sleeps up to a second between.
# Prints the number of pushes of each claim.
cd "$1" || exit 1
id=$2 count=$3
claimed=0
tries=0
while [ "$claimed" -lt "$count" ]; do
  git fetch --quiet origin main && git reset --quiet --hard FETCH_HEAD || exit 1
  line=$(grep -n -m 1 '^free' board | cut -d: -f1)
  [ -n "$line" ] || exit 1
  sed -i "${line}s/.*/held by $id $claimed/" board
  git commit --quiet -a -m "$id claims line $line"
  tries=$((tries + 1))
  if git push --quiet origin HEAD:main 2>/dev/null; then
    claimed=$((claimed + 1))
    echo "$tries"
    tries=0
  elif [ -n "$JITTER" ]; then
    sleep "0.$(printf '%03d' "$(($(od -An -N2 -tu2 /dev/urandom) % 1000))")"
  fi
done
