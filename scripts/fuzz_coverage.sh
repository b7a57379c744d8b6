#!/usr/bin/env bash
# Prints how much of each reader's lines the committed fuzz inputs reach (clang, llvm-cov).
#
#   scripts/fuzz_coverage.sh [--least PERCENT] [--corpus DIR] [--build DIR]
#
# --corpus adds the inputs that scripts/fuzz.sh has found and kept in DIR. With --least the exit status is 1 where fewer of the
# readers' lines together are reached. Lines count whole files: what writes, or looks for files, beside a reader is never reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/clang.sh

least=0 corpus="" build=build/fuzz-coverage
while [ $# -gt 0 ]; do
  case "$1" in
    --least) least=$2 ;;
    --corpus) corpus=$2 ;;
    --build) build=$2 ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "fuzz_coverage.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

# Every file that takes apart what somebody else has written.
readers=(
  lib/core/{json,json_reader,journal,utf8}.cpp lib/core/packing.h
  lib/checkpoint/{npy,pickle,pickle_builders,pickle_globals,pickle_json,pickle_value,safetensors,safetensors_header}.cpp
  lib/checkpoint/{sharded_index,tensor_copy,torch_zip,zip_reader}.cpp
  lib/text/{added_tokens,bpe_model,pretokenizer,tokenizer_json,tokenizer_spec,vocabulary_files}.cpp
  lib/image/{decode,jpeg_decode,jpeg_header,opencv_decode,png_chunks,png_decode,png_pixels,png_text,thumbnail}.cpp
  lib/model/{config,config_check,key_map,shape_table}.cpp
  datasets/{arrow_ipc,arrow_table,csv_lines,file_content,image_probe,json_fields,json_records,label_record,nlvr2_categories}.cpp
  datasets/{nlvr2_json,nlvr2_predictions,record_scan,retrieval_json,retrieval_names,snli_ve_json,snli_ve_predictions}.cpp
  datasets/{vqa_json,vqa_vocabulary}.cpp
  metrics/vqa_normalise.cpp
  reports/{nlvr2_submission,published,run_documents,sample_results,server_reply,snli_ve_predictions,vqa_submission}.cpp
  apps/bteval/tasks/{compare_samples,finished_run,label_map,retrieval_parts,retrieval_scores,score_matrix,suite,unit_outcomes}.cpp
)
clang=$(find_clang)
profdata=$(llvm_tool "$clang" llvm-profdata)
cov=$(llvm_tool "$clang" llvm-cov)

[ -f "$build/build.ninja" ] || cmake -G Ninja -B "$build" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER="$clang" \
  -DCMAKE_CXX_FLAGS="-O0 -fprofile-instr-generate -fcoverage-mapping" -DCMAKE_CXX_FLAGS_DEBUG= -DBTEVAL_WITH_TORCH=OFF \
  ${BTEVAL_ARROW:+-DBTEVAL_ARROW="$BTEVAL_ARROW"} > /dev/null
names=()
for source in tests/fuzz/fuzz_*.cpp; do names+=("$(basename "$source" .cpp)"); done
ninja -C "$build" "${names[@]/%/_replay}" > /dev/null

work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
objects=()
for name in "${names[@]}"; do
  program="$build/tests/fuzz/${name}_replay" target="${name#fuzz_}"
  LLVM_PROFILE_FILE="$work/$name.profraw" "$program" --changes 0 "tests/fuzz/corpus/$target" ${corpus:+"$corpus/$target"} > /dev/null
  objects+=(${objects[0]:+-object} "$program")  # the first one stands without -object
done
"$profdata" merge -o "$work/all.profdata" "$work"/*.profraw
"$cov" export -summary-only -instr-profile "$work/all.profdata" "${objects[@]}" > "$work/summary.json"
python3 - "$work/summary.json" "$least" "${readers[@]}" <<'PYTHON'
import json
import os
import sys

summary, least, readers = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
# Ninja's commands name sources relative to the build folder.
files = {os.path.realpath(entry["filename"]): entry["summary"]["lines"]
         for entry in json.load(open(summary, encoding="utf-8"))["data"][0]["files"]}
lines = covered = 0
for reader in sorted(readers):
    count = files.get(os.path.realpath(reader)) or sys.exit(f"{reader} is in no target")
    lines += count["count"]
    covered += count["covered"]
    print(f"{reader:46} {count['covered']:5} of {count['count']:5} lines {count['percent']:6.1f} %")
share = 100 * covered / lines
print(f"{len(readers)} readers: {covered} of {lines} lines, {share:.1f} %")
if share < least:
    sys.exit(f"below {least} %")
PYTHON
