// The published JSON lines of SNLI-VE (https://github.com/necla-ml/SNLI-VE), read from memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/json_reader.h"
#include "records/snli_ve.h"

namespace bteval::datasets {

/// One line.
struct SnliVeRecord {
  std::string pair_id;     ///< "2248275918.jpg#2r1c"; empty where the record has none
  std::string image_id;    ///< "2248275918": letters, digits, '-', '_' and '.', not starting with a '.'
  std::string hypothesis;  ///< sentence2 without white space at its ends
  std::optional<records::SnliVeClass> label;  ///< nothing where gold_label is "-", null or absent
};

/// Records in file order. The image's id stands under Flickr30K_ID, Flickr30kID or Flikr30kID, as a string or
/// an integer; where a record has several, they must agree. `gold_label` "-" says that the annotators did not
/// agree. Members that are not needed are skipped. Error(kData) naming the file, the line, the pairID and the
/// byte offset where the text is malformed, a member is missing or of the wrong type, an image id could leave
/// its folder, or a label is unknown; and where some records have a pairID and others none. A pairID that
/// stands twice is not noticed here.
std::vector<SnliVeRecord> read_snli_ve(const Bytes& file);

/// One record of such a file; `id` becomes "pairID 2248275918.jpg#2r1c" as soon as it is known. Throws the
/// same.
SnliVeRecord read_snli_ve_record(JsonReader& reader, std::string& id);

}  // namespace bteval::datasets
