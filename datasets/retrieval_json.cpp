#include "datasets/retrieval_json.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/json.h"
#include "datasets/json_fields.h"
#include "datasets/retrieval_names.h"

namespace bteval::datasets {
namespace {

// A caption before its image's index is known.
struct Sentence {
  std::optional<std::int64_t> id;
  std::string text;
};

// An element of "images", of either of the two forms that have such a list.
struct ImageRecord {
  std::string filename, filepath, split;
  std::optional<std::int64_t> cocoid, id;
  std::vector<Sentence> sentences;
  bool has_sentences = false;
};

struct CaptionRecord {
  std::int64_t id = 0;
  std::int64_t image_id = 0;
  std::string text;
};

class Collector {
 public:
  Collector(RetrievalAnnotations& out, std::string file) : out_(out), file_(std::move(file)) {}

  [[noreturn]] void fail(const std::string& record, const std::string& message) const {
    throw Error(ErrorCode::kData, message, {file_, record, std::nullopt});
  }

  std::uint32_t add_image(std::string path, std::optional<std::int64_t> cocoid, bool may_repeat) {
    const auto [found, is_new] = index_.try_emplace(path, static_cast<std::uint32_t>(out_.images.size()));
    if (!is_new && !may_repeat) fail("image " + printable(path), "stands twice");
    if (is_new) {
      if (out_.images.size() >= std::numeric_limits<std::int32_t>::max()) fail("", "has too many images");
      std::string id = cocoid ? std::to_string(*cocoid) : image_id_of_path(path);
      out_.images.push_back({std::move(path), std::move(id)});
      captions_of_.push_back(0);
    }
    return found->second;
  }

  // For files of captions alone: the image cannot be opened, but its captions can be scored.
  std::uint32_t add_nameless_image(std::int64_t id) {
    const std::uint32_t image = add_image(fmt::format("/{}", id), id, false);  // no name begins with a slash
    out_.images[image].path.clear();
    return image;
  }

  void add_caption(std::uint32_t image, std::optional<std::int64_t> id, std::string text) {
    if (id && !ids_.insert(*id).second) fail(fmt::format("caption {}", *id), "has an id that stands twice");
    if (out_.captions.size() >= std::numeric_limits<std::int32_t>::max()) fail("", "has too many captions");
    const std::uint32_t number = captions_of_[image]++;
    out_.captions.push_back(
        {image, id ? std::to_string(*id) : fmt::format("{}#{}", image, number), std::move(text)});
  }

  void require_captions() const {
    for (std::size_t i = 0; i < captions_of_.size(); ++i) {
      if (captions_of_[i] > 0) continue;
      const RetrievalImage& image = out_.images[i];
      fail("image " + printable(image.path.empty() ? image.id : image.path), "has no caption");
    }
  }

 private:
  RetrievalAnnotations& out_;
  std::string file_;
  std::unordered_map<std::string, std::uint32_t> index_;
  std::vector<std::uint32_t> captions_of_;
  std::unordered_set<std::int64_t> ids_;
};

std::string read_path(JsonReader& reader) {
  reader.peek();  // so that the offset is the name's own
  const std::size_t offset = reader.offset();
  std::string path(reader.read_string());
  if (const char* fault = image_path_fault(path)) {
    reader.fail(fmt::format("the image name \"{}\" {}", printable(path, 80), fault), offset);
  }
  return path;
}

Sentence read_sentence(JsonReader& reader) {
  Sentence sentence;
  bool has_text = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "raw") {
      sentence.text = reader.read_string();
      has_text = true;
    } else if (key == "sentid") {
      sentence.id = read_id(reader);
    } else {
      reader.skip();
    }
  }
  require_member(reader, has_text, "raw");
  return sentence;
}

ImageRecord read_image_record(JsonReader& reader) {
  ImageRecord record;
  std::optional<std::int64_t> image_id;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "filename" || key == "file_name") {
      record.filename = read_path(reader);
    } else if (key == "filepath") {
      record.filepath = read_path(reader);
    } else if (key == "split") {
      record.split = reader.read_string();
    } else if (key == "cocoid") {
      record.cocoid = read_id(reader);
    } else if (key == "id") {
      record.id = read_id(reader);
    } else if (key == "image_id") {
      image_id = read_id(reader);  // files of others that repeat the annotations under "images"
    } else if (key == "sentences") {
      record.has_sentences = true;
      record.sentences.clear();
      reader.enter_array();
      while (reader.next_element()) record.sentences.push_back(read_sentence(reader));
    } else {
      reader.skip();
    }
  }
  if (image_id) record.id = image_id;
  if (record.has_sentences) {
    require_member(reader, !record.filename.empty(), "filename");
    require_member(reader, !record.split.empty(), "split");
  }
  return record;
}

CaptionRecord read_caption_record(JsonReader& reader, std::optional<std::int64_t>& id) {
  CaptionRecord record;
  bool has_image = false;
  bool has_caption = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "id") {
      id = record.id = read_id(reader);
    } else if (key == "image_id") {
      record.image_id = read_id(reader);
      has_image = true;
    } else if (key == "caption") {
      record.text = reader.read_string();
      has_caption = true;
    } else {
      reader.skip();
    }
  }
  require_member(reader, id.has_value(), "id");
  require_member(reader, has_image, "image_id");
  require_member(reader, has_caption, "caption");
  return record;
}

// Calls `read_record(index, id)` for each element; what it throws gets the record's name.
template <typename ReadRecord>
void read_records(JsonReader& reader, const char* list, const ReadRecord& read_record) {
  reader.enter_array();
  for (std::size_t index = 0; reader.next_element(); ++index) {
    std::optional<std::int64_t> id;
    try {
      read_record(id);
    } catch (const Error& error) {
      throw error.with_context({"", record_name(list, index, "id", id), std::nullopt});
    }
  }
}

void add_karpathy(std::vector<ImageRecord> records, Collector& out) {
  for (ImageRecord& record : records) {
    std::string path = record.filepath.empty() ? record.filename : record.filepath + "/" + record.filename;
    const std::uint32_t image = out.add_image(std::move(path), record.cocoid, false);
    for (Sentence& sentence : record.sentences) out.add_caption(image, sentence.id, std::move(sentence.text));
  }
}

void add_coco(const std::vector<ImageRecord>& records, std::vector<CaptionRecord> captions, Collector& out) {
  std::unordered_map<std::int64_t, const ImageRecord*> first_of;
  std::unordered_map<std::int64_t, std::uint32_t> index;
  for (const ImageRecord& record : records) {
    if (!record.id) out.fail("images", "an image has no \"id\"");
    const auto [found, is_new] = first_of.try_emplace(*record.id, &record);
    if (!is_new && found->second->filename != record.filename) {
      out.fail(fmt::format("image {}", *record.id), "has two file names");
    }
    if (!is_new) continue;
    index[*record.id] = record.filename.empty()
                            ? out.add_nameless_image(*record.id)
                            : out.add_image(coco_image_path(record.filename), record.id, false);
  }
  for (CaptionRecord& caption : captions) {
    const auto found = index.find(caption.image_id);
    if (found == index.end()) {
      out.fail(fmt::format("caption {}", caption.id),
               fmt::format("is of image {}, which is not among the images", caption.image_id));
    }
    out.add_caption(found->second, caption.id, std::move(caption.text));
  }
}

void read_object(JsonReader& reader, std::span<const std::string> splits, RetrievalAnnotations& out,
                 Collector& collector) {
  std::vector<ImageRecord> images;
  std::vector<CaptionRecord> captions;
  bool has_images = false;
  bool has_annotations = false;
  bool has_sentences = false;
  std::string other_keys;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "images" && !has_images) {
      has_images = true;
      read_records(reader, "images", [&](std::optional<std::int64_t>& id) {
        ImageRecord record = read_image_record(reader);
        id = record.id;
        if (!record.split.empty()) ++out.splits[record.split];
        has_sentences = has_sentences || record.has_sentences;
        if (!record.has_sentences || std::ranges::find(splits, record.split) != splits.end()) {
          images.push_back(std::move(record));
        }
      });
    } else if (key == "annotations" && !has_annotations) {
      has_annotations = true;
      read_records(reader, "annotations", [&](std::optional<std::int64_t>& id) {
        captions.push_back(read_caption_record(reader, id));
      });
    } else {
      other_keys += fmt::format("{}\"{}\"", other_keys.empty() ? "" : ", ", key);
      reader.skip();
    }
  }
  if (!has_images || (!has_annotations && !has_sentences)) {
    collector.fail(
        "", fmt::format("is no caption file: it has no \"images\" with \"sentences\" (Karpathy) and no "
                        "\"images\" with \"annotations\" (COCO); it has {}",
                        other_keys.empty() ? "nothing else" : printable(other_keys)));
  }
  if (has_annotations && has_sentences) collector.fail("", "has both \"sentences\" and \"annotations\"");
  out.form = has_sentences ? RetrievalForm::kKarpathy : RetrievalForm::kCoco;
  if (has_sentences) {
    for (const ImageRecord& record : images) {
      if (!record.has_sentences) collector.fail("images", "an image has no \"sentences\"");
    }
    add_karpathy(std::move(images), collector);
  } else {
    add_coco(images, std::move(captions), collector);
  }
}

void read_list(JsonReader& reader, RetrievalAnnotations& out, Collector& collector) {
  out.form = RetrievalForm::kList;
  read_records(reader, "records", [&](std::optional<std::int64_t>&) {
    std::string path;
    std::vector<std::string> captions;
    bool has_caption = false;
    bool is_list = false;
    reader.enter_object();
    std::string_view key;
    while (reader.next_key(key)) {
      if (key == "image") {
        path = read_path(reader);
      } else if (key == "caption") {
        has_caption = true;
        captions.clear();
        is_list = reader.peek() == JsonReader::Type::kArray;
        if (is_list) {
          reader.enter_array();
          while (reader.next_element()) captions.emplace_back(reader.read_string());
        } else {
          captions.emplace_back(reader.read_string());
        }
      } else {
        reader.skip();
      }
    }
    require_member(reader, !path.empty(), "image");
    require_member(reader, has_caption, "caption");
    const std::uint32_t image = collector.add_image(std::move(path), std::nullopt, !is_list);
    for (std::string& caption : captions) collector.add_caption(image, std::nullopt, std::move(caption));
  });
}

}  // namespace

std::string retrieval_form_name(RetrievalForm form) {
  switch (form) {
    case RetrievalForm::kKarpathy:
      return "karpathy";
    case RetrievalForm::kList:
      return "list";
    case RetrievalForm::kCoco:
      return "coco";
    case RetrievalForm::kArrow:
      return "arrow";
  }
  throw Error(ErrorCode::kInternal, "an annotation form without a name");
}

RetrievalAnnotations read_retrieval_annotations(const Bytes& file, std::span<const std::string> splits) {
  RetrievalAnnotations out;
  Collector collector(out, file.name());
  JsonReader reader(file.text(), file.name());
  if (reader.peek() == JsonReader::Type::kArray) {
    read_list(reader, out, collector);
  } else {
    read_object(reader, splits, out, collector);
  }
  reader.finish();
  collector.require_captions();
  return out;
}

}  // namespace bteval::datasets
