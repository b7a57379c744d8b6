#include "commands/commands.h"

namespace bteval::app {

void setup_score(CLI::App& app) {
  CLI::App& score = *app.add_subcommand("score", "Score predictions that exist already");
  score.require_subcommand(1);
  setup_score_vqav2(score);
  setup_score_nlvr2(score);
  setup_score_snli_ve(score);
  setup_score_retrieval(score);
}

}  // namespace bteval::app
