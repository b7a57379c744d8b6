#!/bin/sh
# ranked.sh FOLDER COMMAND...: a process that a launcher starts writes its id to FOLDER/RANK, and becomes the command.
rank=${RANK:-${OMPI_COMM_WORLD_RANK:-$SLURM_PROCID}}
folder=$1
shift
echo $$ >"$folder/$rank"
exec "$@"
