#include "model/key_map.h"

#include <gtest/gtest.h>

namespace bteval::model {
namespace {

TEST(KeyMap, TemperatureIsLogitScale) {
  EXPECT_EQ(canonical_key(Family::kOfficial, "temperature"),
            (MappedKey{"logit_scale", ValueRule::kNegativeLog}));
  EXPECT_EQ(official_key("logit_scale"), (MappedKey{"temperature", ValueRule::kExpOfNegative}));
  EXPECT_EQ(canonical_key(Family::kHuggingFace, "logit_scale"), (MappedKey{"logit_scale", ValueRule::kCopy}));
}

TEST(KeyMap, DropsWhatIsNoPartOfTheModel) {
  for (const char* name :
       {"vit_model.positional_embedding", "vit_model.ln_final.weight", "vit_model.text_projection",
        "vit_model.token_embedding.weight", "vit_model.transformer.resblocks.0.ln_1.bias",
        "vit_model.visual.proj", "text_transformer.embeddings.position_ids"}) {
    EXPECT_FALSE(canonical_key(Family::kOfficial, name)) << name;
  }
  for (const char* name :
       {"text_model.embeddings.position_ids", "bridgetower.text_model.embeddings.position_ids",
        "vision_model.visual.embeddings.position_ids", "text_model.embeddings.token_type_ids"}) {
    EXPECT_FALSE(canonical_key(Family::kHuggingFace, name)) << name;
  }
  // The vision tower's own table ends in the same word as CLIP's text leftover.
  EXPECT_TRUE(canonical_key(Family::kOfficial, "vit_model.visual.positional_embedding"));
}

TEST(KeyMap, HeadsCarryNoPrefix) {
  for (const char* name : {"itm_score.fc.weight", "vqa_classifier.0.weight", "rank_output.bias",
                           "logit_scale", "mlm_score.decoder.weight", "itc_cross_modal_head.fc.bias"}) {
    EXPECT_TRUE(is_head_key(name)) << name;
    EXPECT_EQ(hugging_face_key(name), name);
  }
  EXPECT_EQ(hugging_face_key("token_type_embeddings.weight"), "bridgetower.token_type_embeddings.weight");
  EXPECT_EQ(hugging_face_key("token_type_embeddings.weight", false), "token_type_embeddings.weight");
}

TEST(KeyMap, TheOfficialModelHasNoCrossModalItcHead) {
  EXPECT_FALSE(official_key("itc_cross_modal_head.fc.weight"));
}

}  // namespace
}  // namespace bteval::model
