#include "core/error.h"
#include "datasets/data_check.h"

namespace bteval::datasets {
namespace {

struct FaultText {
  Fault fault;
  Severity severity;
  const char* name;
  const char* title;
};

constexpr FaultText kFaults[] = {
    {Fault::kMissingFile, Severity::kError, "missing-file", "missing annotation files"},
    {Fault::kBadFile, Severity::kError, "bad-file", "unreadable annotation files"},
    {Fault::kBadRecord, Severity::kError, "bad-record", "faulty records"},
    {Fault::kRepeatedId, Severity::kError, "repeated-id", "repeated ids"},
    {Fault::kContradiction, Severity::kError, "contradiction", "records that do not fit together"},
    {Fault::kWrongCount, Severity::kError, "wrong-count", "counts that differ from the official ones"},
    {Fault::kMissingImageFolder, Severity::kError, "missing-image-folder", "missing image folders"},
    {Fault::kMissingImage, Severity::kError, "missing-image", "missing images"},
    {Fault::kUnreadableImage, Severity::kError, "unreadable-image", "image files that cannot be read"},
    {Fault::kNotAnImage, Severity::kError, "not-an-image", "image files that are no images"},
    {Fault::kUnsupportedImage, Severity::kError, "unsupported-image", "images of unsupported kinds"},
    {Fault::kDamagedImage, Severity::kError, "damaged-image", "damaged images"},
    {Fault::kCutOffImage, Severity::kWarning, "cut-off-image", "images without an end"},
    {Fault::kMislabelledImage, Severity::kWarning, "mislabelled-image",
     "images of another kind than their names say"},
    {Fault::kSameImage, Severity::kWarning, "same-image", "image files with the same content"},
    {Fault::kConflictingLabels, Severity::kWarning, "conflicting-labels",
     "same images and text with different labels"},
    {Fault::kRepeatedText, Severity::kInformation, "repeated-text",
     "same images and text with the same label"},
    {Fault::kExtraImage, Severity::kInformation, "extra-image", "files that no checked record names"},
};

const FaultText& text_of(Fault fault) {
  for (const FaultText& text : kFaults) {
    if (text.fault == fault) return text;
  }
  throw Error(ErrorCode::kInternal, "a kind of fault has no name");
}

struct DepthName {
  ImageDepth depth;
  const char* name;
};

constexpr DepthName kDepths[] = {
    {ImageDepth::kHeader, "header"}, {ImageDepth::kHash, "hash"}, {ImageDepth::kDecode, "decode"}};

}  // namespace

Severity fault_severity(Fault fault) { return text_of(fault).severity; }
std::string fault_name(Fault fault) { return text_of(fault).name; }
std::string fault_title(Fault fault) { return text_of(fault).title; }

std::string image_depth_name(ImageDepth depth) {
  for (const DepthName& known : kDepths) {
    if (known.depth == depth) return known.name;
  }
  return "";
}

ImageDepth image_depth(const std::string& name) {
  std::string names;
  for (const DepthName& known : kDepths) {
    if (name == known.name) return known.depth;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("images cannot be checked by '{}'; choose one of {}", name, names));
}

std::uint64_t DataCheck::count(Severity severity) const {
  std::uint64_t total = 0;
  const auto add = [&](const std::vector<FindingGroup>& list) {
    for (const FindingGroup& group : list) {
      if (fault_severity(group.fault) == severity) total += group.findings.size();
    }
  };
  add(groups);
  for (const SplitCheck& split : splits) add(split.groups);
  return total;
}

}  // namespace bteval::datasets
