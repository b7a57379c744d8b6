// Checks a data set on disk before hours are spent on it: everything that is wrong, not the first fault
// alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bteval::datasets {

/// How closely image files are looked at; each level includes those before it.
enum class ImageDepth {
  kHeader,  ///< presence, and both ends of each file
  kHash,    ///< also whether two files have the same content
  kDecode,  ///< also every pixel
};

/// What can be wrong. Errors keep an evaluation from running or from being what it says; warnings are worth a
/// look; the rest is information.
enum class Fault {
  // errors
  kMissingFile,         ///< an annotation file of a split is not there
  kBadFile,             ///< an annotation file is no JSON (an LFS pointer, a web page, …) or breaks off
  kBadRecord,           ///< a record lacks a member, or one is of the wrong type or empty
  kRepeatedId,          ///< an id stands on two records
  kContradiction,       ///< two files that belong together do not fit
  kWrongCount,          ///< an official split has not its official size
  kMissingImageFolder,  ///< none of the places has the folder of the images
  kMissingImage,
  kUnreadableImage,   ///< the file is there and cannot be read
  kNotAnImage,        ///< an LFS pointer, a web page, text, an empty file, …
  kUnsupportedImage,  ///< an image of a kind that bteval does not decode
  kDamagedImage,      ///< an image whose header is wrong, or (kDecode) that does not decode
  // warnings
  kCutOffImage,        ///< an image without end marker; most programs fill up what is missing with gray
  kMislabelledImage,   ///< an image of another kind than its name says; it is read by its content
  kSameImage,          ///< two image files with the same content
  kConflictingLabels,  ///< the same text about the same images with different labels
  // information
  kRepeatedText,  ///< the same text about the same images with the same label
  kExtraImage,    ///< a file in an image folder that no record names
};

enum class Severity { kError, kWarning, kInformation };

Severity fault_severity(Fault fault);
/// "missing-image": the name in JSON.
std::string fault_name(Fault fault);
/// "missing images": the heading in reports.
std::string fault_title(Fault fault);

struct Finding {
  std::string where;  ///< a path, or a file and its record
  std::string what;   ///< what is wrong there
};

/// All findings of one kind.
struct FindingGroup {
  Fault fault = Fault::kBadFile;
  std::vector<Finding> findings;
};

/// A number of a split beside the official one, where there is one.
struct CountCheck {
  std::string name;  ///< "questions", "images"
  std::uint64_t found = 0;
  std::optional<std::uint64_t> official;
};

struct SplitCheck {
  std::string split;
  std::vector<std::string> files;  ///< the annotation files that were read
  std::vector<CountCheck> counts;
  std::vector<FindingGroup> groups;  ///< in the order of Fault; none is empty
};

struct DataCheck {
  std::string task;
  std::string root;
  ImageDepth depth = ImageDepth::kHeader;
  std::vector<SplitCheck> splits;
  std::vector<FindingGroup> groups;  ///< what belongs to no single split: kSameImage, kExtraImage
  std::uint64_t image_files = 0;     ///< files that were looked at
  std::uint64_t image_bytes = 0;     ///< their size

  /// Findings of that severity in all groups.
  std::uint64_t count(Severity severity) const;
};

struct DataCheckOptions {
  std::string task;  ///< "vqav2", "nlvr2", "snli-ve", "flickr30k", "coco"
  std::filesystem::path root;
  std::vector<std::string> splits;  ///< empty: all that are there
  ImageDepth depth = ImageDepth::kHeader;
  int threads = 0;  ///< 0: one a core
  /// Decodes an image and throws Error(kData) where that fails; needed by kDecode (data sets do not know the
  /// decoder).
  std::function<void(std::span<const std::byte>)> decode;
};

/// "header", "hash", "decode".
std::string image_depth_name(ImageDepth depth);
/// The depth of that name; Error(kUsage) listing the names where there is none.
ImageDepth image_depth(const std::string& name);

/// Checks a data set; its .arrow tables (arrow_splits.h) where it has no annotation file but these. What is
/// wrong with the data becomes a finding; Error(kUsage) for an unknown task or split, Error(kData) where the
/// root does not exist or holds no split at all.
DataCheck check_data(const DataCheckOptions& options);

}  // namespace bteval::datasets
