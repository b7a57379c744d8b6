#include "tasks/retrieval_team.h"

#include <span>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/packing.h"

namespace bteval::app {

using engine::FinishedPart;
using engine::RetrievalStage;

namespace {

constexpr RetrievalStage kEmbeddings[] = {RetrievalStage::kImages, RetrievalStage::kCaptions};

std::string stage_name(const std::string& run, RetrievalStage stage) {
  return run + (stage == RetrievalStage::kImages     ? "/images"
                : stage == RetrievalStage::kCaptions ? "/captions"
                                                     : "/pairs");
}

std::string pairs_name(const std::string& run, std::uint64_t unit) {
  return fmt::format("{}/pairs/{}", run, unit);
}

std::string pack_parts(std::span<const FinishedPart> parts) {
  Packer packer;
  packer.put(static_cast<std::uint64_t>(parts.size()));
  for (const FinishedPart& part : parts) {
    packer.put(static_cast<std::uint8_t>(part.stage));
    packer.put(part.part);
    packer.put(std::span<const float>(part.values));
  }
  return packer.bytes();
}

void keep_parts(std::string_view bytes, RetrievalParts& parts) {
  Unpacker unpacker(bytes);
  for (auto count = unpacker.get<std::uint64_t>(); count > 0; --count) {
    const auto stage = static_cast<RetrievalStage>(unpacker.get<std::uint8_t>());
    const auto part = unpacker.get<std::uint64_t>();
    parts.keep(stage, part, unpacker.get_vector<float>());
  }
  unpacker.finish();
}

/// What a rank needs to know of a unit's pairs.
std::string pack_pairs(std::span<const records::ScoredPair> pairs) {
  std::vector<std::uint32_t> indices;
  for (const records::ScoredPair& pair : pairs) indices.insert(indices.end(), {pair.image, pair.caption});
  Packer packer;
  packer.put(std::span<const std::uint32_t>(indices));
  return packer.bytes();
}

std::vector<records::ScoredPair> unpack_pairs(std::string_view bytes) {
  Unpacker unpacker(bytes);
  const auto indices = unpacker.get_vector<std::uint32_t>();
  unpacker.finish();
  std::vector<records::ScoredPair> pairs(indices.size() / 2);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].image = indices[2 * i];
    pairs[i].caption = indices[2 * i + 1];
  }
  return pairs;
}

}  // namespace

void RetrievalLead::share(const std::string& stage, std::vector<std::uint64_t> items,
                          const std::function<void(engine::UnitSource&, const engine::ItemSink&)>& compute) {
  const auto keep = [&](std::uint64_t, std::string_view bytes) { keep_parts(bytes, parts_); };
  lead_stage(team_, stage, std::move(items), keep,
             [&](engine::UnitSource& source, distributed::Coordinator& coordinator) {
               compute(source, [&](std::uint64_t item, std::span<const FinishedPart> parts) {
                 coordinator.add(item, pack_parts(parts));
               });
             });
}

void RetrievalLead::share_embeddings() {
  for (const RetrievalStage stage : kEmbeddings) {
    share(stage_name(run_, stage), runner_.open_items(stage),
          [&](engine::UnitSource& items, const engine::ItemSink& sink) {
            runner_.compute_items(stage, items, sink);
          });
  }
}

bool RetrievalLead::share_pairs(engine::CrossHead head, const records::RetrievalScores& scores) {
  const std::span<const records::ScoredPair> pairs = scores.pairs;
  const bool all = pairs.empty();
  const std::vector<std::uint64_t> units = all ? runner_.open_units_of_all() : runner_.open_units(pairs);
  if (!all) {
    for (const std::uint64_t unit : units)
      team_.team.tell(pairs_name(run_, unit), pack_pairs(runner_.pairs_of_unit(pairs, unit)));
  }
  engine::PairsOfUnit pairs_of;
  if (!all) {
    pairs_of = [&](std::uint64_t unit) {
      const auto found = runner_.pairs_of_unit(pairs, unit);
      return std::vector<records::ScoredPair>(found.begin(), found.end());
    };
  }
  share(stage_name(run_, RetrievalStage::kPairs), units,
        [&](engine::UnitSource& source, const engine::ItemSink& sink) {
          runner_.compute_units(head, source, pairs_of, sink);
        });
  if (!all) {
    for (const std::uint64_t unit : units) team_.team.forget(pairs_name(run_, unit));
  }
  return true;
}

void assist_retrieval(TeamRun& team, const std::string& run, engine::RetrievalRunner& runner,
                      const EvalProtocol& protocol) {
  const auto take_part =
      [&](RetrievalStage stage,
          const std::function<void(engine::UnitSource&, const engine::ItemSink&)>& compute) {
        QueuedUnits items(team.team, stage_name(run, stage));
        compute(items, [&](std::uint64_t item, std::span<const FinishedPart> parts) {
          items.send(item, pack_parts(parts));
        });
        team.require_not_stopped();
      };
  if (protocol.needs_itc) {
    for (const RetrievalStage stage : kEmbeddings) {
      take_part(stage, [&](engine::UnitSource& items, const engine::ItemSink& sink) {
        runner.compute_items(stage, items, sink);
      });
    }
  }
  if (!protocol.head) return;
  engine::PairsOfUnit pairs_of;
  if (protocol.has_candidates())
    pairs_of = [&](std::uint64_t unit) { return unpack_pairs(team.team.hear(pairs_name(run, unit))); };
  take_part(RetrievalStage::kPairs, [&](engine::UnitSource& units, const engine::ItemSink& sink) {
    runner.compute_units(*protocol.head, units, pairs_of, sink);
  });
}

}  // namespace bteval::app
