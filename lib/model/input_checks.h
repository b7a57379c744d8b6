// What the model demands of its inputs, with errors that say what does not fit.
#pragma once

#include <ATen/ATen.h>

#include "model/config.h"

namespace bteval::model {

/// See BridgeTower::encode_text. Both on the CPU. Returns whether any token is padding.
bool check_text(const ModelConfig& config, const at::Tensor& input_ids, const at::Tensor& attention_mask);

/// See BridgeTower::encode_image.
void check_image(const ModelConfig& config, const at::Tensor& pixels, int image_type);

}  // namespace bteval::model
