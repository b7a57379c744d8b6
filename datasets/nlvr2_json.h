// The published JSON lines of NLVR2 (https://github.com/lil-lab/nlvr, nlvr2/data), read from memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/json_reader.h"

namespace bteval::datasets {

/// "dev-850-0-1": split, image set, pair of that set, sentence of that set.
struct Nlvr2Identifier {
  std::string_view split;  ///< letters, digits, '_'
  std::string_view set;    ///< digits, as the next two
  std::string_view pair;
  std::string_view sentence;

  /// The identifier without its pair: the same for all examples of one sentence, as the official scorer
  /// groups them.
  std::string group() const;
  /// Name of the image file without its extension: "dev-850-0-img0"; side 0 is the left image.
  std::string image_name(int side) const;
};

/// Views into `text`; nothing where it has not these four fields.
std::optional<Nlvr2Identifier> parse_nlvr2_identifier(std::string_view text);

/// One line.
struct Nlvr2Record {
  std::string identifier;  ///< parse_nlvr2_identifier() accepts it
  std::string sentence;
  std::optional<bool> label;  ///< nothing where it is absent or null: the split's labels are hidden
  std::string directory;      ///< of train images: "37"; digits alone, or empty where the record has none
};

/// Records in file order; members that are not needed are skipped. Error(kData) naming the file, the line,
/// the identifier and the byte offset where the text is malformed, a member is missing or of the wrong type,
/// the identifier has another form, or the label is neither "True" nor "False" (in any case, as the official
/// scorer compares them). An identifier that stands twice is not noticed here.
std::vector<Nlvr2Record> read_nlvr2(const Bytes& file);

/// One record of such a file; `id` becomes "identifier dev-850-0-1" as soon as it is known. Throws the same.
Nlvr2Record read_nlvr2_record(JsonReader& reader, std::string& id);

/// "True" or "False" in any case, as labels and predictions are written; nothing for other strings.
std::optional<bool> nlvr2_truth(std::string_view text);

}  // namespace bteval::datasets
