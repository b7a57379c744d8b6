// Reasoning categories of NLVR2 examples ("negation", "spatial relations", …).
#pragma once

#include <string>
#include <vector>

#include "core/bytes.h"

namespace bteval::datasets {

struct Nlvr2Category {
  std::string identifier;  ///< "dev-850-0-1"
  std::string category;
};

/// Reads which example needs which kind of reasoning. Suhr et al. (2019, table 7) annotated a part of dev,
/// but published no file, so that the form is ours: lines `identifier,category` (everything behind the first
/// comma is the category, spaces around it do not count), or JSON lines or a JSON list of
/// `{"identifier": "dev-850-0-1", "category": "negation"}` with a string or a list of strings. An example may
/// have several categories. Error(kData) naming file and record for another form, an identifier of another
/// form, an empty category, or a pair that stands twice.
std::vector<Nlvr2Category> read_nlvr2_categories(const Bytes& file);

}  // namespace bteval::datasets
