#!/usr/bin/env bash
# Applies all shards side by side on this machine, with a state and a log for each below shards/.
# Usage: run-shards.sh SHARDS [ARGUMENT...]; the arguments go to apply. TERRAFORM names the CLI, if it is not terraform.
set -euo pipefail
cd "$(dirname "$0")"

shards=${1:?how many shards?}
shift
terraform=${TERRAFORM:-terraform}
mkdir -p shards
declare -a runs
for ((shard = 0; shard < shards; shard++)); do
  TF_VAR_shard=$shard TF_VAR_shards=$shards "$terraform" apply -auto-approve -input=false -no-color \
    -state="shards/$shard.tfstate" "$@" >"shards/$shard.log" 2>&1 &
  runs[shard]=$!
done
failed=0
for ((shard = 0; shard < shards; shard++)); do
  if wait "${runs[shard]}"; then
    echo "shard $shard: $(grep -E '^(Apply complete|No changes)' "shards/$shard.log" | tail -n 1)"
  else
    echo "shard $shard failed: see shards/$shard.log"
    failed=1
  fi
done
exit "$failed"
