// What config.json and hyper_parameters say against what the tensors say, and the variants that are refused.
#pragma once

#include "core/json.h"
#include "model/config.h"
#include "model/shape_table.h"

namespace bteval::model {

/// Error(kCheckpoint) with the reason for a variant that cannot be evaluated exactly; see resolve_config().
/// `hyper` is the configuration inside a Lightning file's hyper_parameters, or null.
void refuse_unsupported(const ShapeTable& shapes, Family family, Architecture architecture,
                        const Json& config, const Json& hyper, const std::string& file);

/// Error(kCheckpoint) listing every number of config.json (Hugging Face layout) that contradicts the shapes.
void check_config_json(const Json& config, const ModelConfig& sizes, ShapeTable& shapes,
                       const std::string& file);

/// Error(kCheckpoint) listing everything in an official file's hyper_parameters that the published code built
/// the model from and that contradicts the tensors: model_type, meter_fusion, hidden_size, mlp_ratio, the
/// number of cross-modal layers and both towers' widths.
void check_hyper_parameters(const Json& hyper, const ModelConfig& sizes, const std::string& file);

}  // namespace bteval::model
