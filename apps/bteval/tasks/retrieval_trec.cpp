#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "metrics/retrieval_top.h"
#include "reports/trec.h"
#include "tasks/score_retrieval.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

/// "run.txt" becomes "run.tr.txt".
fs::path with_direction(const fs::path& path, const char* direction) {
  fs::path out = path;
  return out.replace_filename(path.stem().string() + direction + path.extension().string());
}

struct TrecIds {
  std::vector<std::string> images, captions;

  explicit TrecIds(const records::SampleSet& samples) {
    std::unordered_set<std::string> known;
    const auto add = [&](std::vector<std::string>& ids, const char* kind, const std::string& id) {
      ids.push_back(reports::trec_id(kind, id));
      if (known.insert(ids.back()).second) return;
      throw Error(ErrorCode::kData, "stands twice, so that TREC files cannot tell the two apart",
                  {"", fmt::format("{} {}", kind, printable(id)), std::nullopt});
    };
    for (const records::ImageRef& image : samples.images) add(images, "image", image.id);
    for (const records::Sample& caption : samples.samples) add(captions, "caption", caption.id);
  }
};

void write_run(const fs::path& path, const std::string& tag, const std::vector<std::string>& queries,
               const std::vector<std::string>& documents,
               const std::vector<std::vector<metrics::RankedAnswer>>& answers) {
  reports::TrecRunWriter writer(path, tag);
  std::vector<reports::TrecRunWriter::Answer> named;
  for (std::size_t query = 0; query < queries.size(); ++query) {
    named.clear();
    for (const metrics::RankedAnswer& answer : answers[query])
      named.push_back({documents[answer.index], answer.score});
    writer.add(queries[query], named);
  }
  writer.commit();
}

}  // namespace

std::vector<fs::path> write_trec_run(const fs::path& run, std::uint32_t depth,
                                     const records::RetrievalScores& scores,
                                     const metrics::RetrievalLabels& labels,
                                     metrics::RetrievalProtocol protocol, const records::SampleSet& samples,
                                     const std::string& tag) {
  const TrecIds ids(samples);
  const metrics::TopAnswers top = metrics::top_answers(scores, labels, protocol, depth);
  std::vector<fs::path> written = {with_direction(run, ".tr"), with_direction(run, ".ir")};
  write_run(written[0], tag, ids.images, ids.captions, top.text);
  write_run(written[1], tag, ids.captions, ids.images, top.image);
  return written;
}

std::vector<fs::path> write_trec_qrels(const fs::path& qrels, const records::SampleSet& samples) {
  const TrecIds ids(samples);
  const metrics::RetrievalLabels labels(static_cast<std::uint32_t>(samples.images.size()),
                                        datasets::image_of_captions(samples));
  std::vector<fs::path> written = {with_direction(qrels, ".tr"), with_direction(qrels, ".ir")};
  reports::TrecQrelsWriter text(written[0]);
  for (std::uint32_t image = 0; image < labels.num_images(); ++image) {
    for (const std::uint32_t caption : labels.captions_of(image))
      text.add(ids.images[image], ids.captions[caption]);
  }
  text.commit();
  reports::TrecQrelsWriter image(written[1]);
  for (std::uint32_t caption = 0; caption < labels.num_captions(); ++caption) {
    image.add(ids.captions[caption], ids.images[labels.image_of(caption)]);
  }
  image.commit();
  return written;
}

}  // namespace bteval::app
