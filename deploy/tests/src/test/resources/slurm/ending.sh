# A bash job that ends in one of the ways that SLURM knows. Arguments: kind, ending, seed.
# shellcheck shell=bash
kind=$1 ending=$2
start=${SLURM_RESTART_COUNT:-0}
for step in $(seq $((4 * start)) $((4 * start + 4))); do
  printf '{"run_id":"%s","attempt_id":"%s","metrics":{"loss":%d},"step":%d}\n' \
    "$RUNLEDGER_RUN_ID" "$RUNLEDGER_ATTEMPT_ID" "$step" "$step" >> "$RUNLEDGER_SPOOL/ending-$$.jsonl"
done
[ "$ending" != ignores-term ] || trap '' TERM
: > "$READY/$kind-$ending-$start"

case $ending-$start in
  ok-* | requeue-1 | requeue-twice-2) exit 0 ;;
  exit-3-* | requeue-fail-1) exit 3 ;;
  traceback-*) echo 'bad shape' >&2; exit 7 ;;
  kill-*) kill -9 $$ ;;
  memory-*) exec python3 -c 'hoard = bytearray(800 << 20); hoard[::4096] = b"x" * (800 << 8); import time; time.sleep(60)' ;;
  *) while :; do sleep 1; done ;;
esac
