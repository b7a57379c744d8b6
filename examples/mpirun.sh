#!/bin/bash
# One evaluation with Open MPI's mpirun, here or on the machines of a hostfile:
#
#   NPROC=8 examples/mpirun.sh
#   NPROC=32 HOSTFILE=hosts MASTER_ADDR=node1 examples/mpirun.sh
#
# MASTER_ADDR is the first host of the file, where mpirun puts rank 0; inside a Slurm job it is not needed. mpirun ends all
# processes when one of them dies; the same command then goes on where they were.
set -eu

BTEVAL=${BTEVAL:-bteval}
TASK=${TASK:-vqav2}
DATA=${DATA:-/data/vqav2}
MODEL=${MODEL:-/models/bridgetower-base-vqa}
OUT=${OUT:-runs/$TASK}
hosts=()
if [ -n "${HOSTFILE:-}" ]; then
  hosts=(--hostfile "$HOSTFILE" -x "MASTER_ADDR=${MASTER_ADDR:?the first host of $HOSTFILE}")
fi

# --bind-to none: processes that mpirun binds to one core would load images with that core alone.
# shellcheck disable=SC2086  # MPIRUN_OPTIONS and BTEVAL_OPTIONS hold several words
exec mpirun -n "${NPROC:-1}" --bind-to none ${hosts[@]+"${hosts[@]}"} ${MPIRUN_OPTIONS:-} \
  "$BTEVAL" eval "$TASK" --data "$DATA" --model "$MODEL" --out "$OUT" ${BTEVAL_OPTIONS:-}
