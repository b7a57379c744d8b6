#!/bin/bash
# One evaluation with torchrun, on one machine:
#
#   NPROC=8 examples/torchrun.sh
#
# or on several, with the same command on each:
#
#   NNODES=4 NPROC=8 HOST=node1:29500 examples/torchrun.sh
#
# torchrun ends all processes when one of them dies, and starts them again up to RESTARTS times; each start goes on where the
# one before was.
set -eu

TORCHRUN=${TORCHRUN:-torchrun}
BTEVAL=${BTEVAL:-bteval}
TASK=${TASK:-vqav2}
DATA=${DATA:-/data/vqav2}
MODEL=${MODEL:-/models/bridgetower-base-vqa}
OUT=${OUT:-runs/$TASK}
NNODES=${NNODES:-1}
if [ "$NNODES" = 1 ]; then
  rendezvous="--standalone"
else
  rendezvous="--rdzv-backend c10d --rdzv-endpoint ${HOST:?HOST:PORT of one of the machines} --rdzv-id ${JOB:-bteval}"
fi

# shellcheck disable=SC2086  # several words each
exec "$TORCHRUN" --nnodes "$NNODES" --nproc-per-node "${NPROC:-1}" $rendezvous --max-restarts "${RESTARTS:-3}" --no-python \
  "$BTEVAL" eval "$TASK" --data "$DATA" --model "$MODEL" --out "$OUT" ${BTEVAL_OPTIONS:-}
