// How large the official splits are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bteval::datasets {

/// The published number of `what` ("questions", "sentences", "pairs", "captions", "images") in a split, by
/// its short name; nothing where none is published or the split is not official. Sources: the VQA v2 download
/// page, the data files and READMEs of lil-lab/nlvr and necla-ml/SNLI-VE, and Karpathy's splits of COCO and
/// Flickr30K.
std::optional<std::uint64_t> official_count(const std::string& task, const std::string& split,
                                            const std::string& what);

}  // namespace bteval::datasets
