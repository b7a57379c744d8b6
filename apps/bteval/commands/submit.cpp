#include "tasks/submit.h"

#include <fmt/format.h>

#include <memory>

#include "commands/commands.h"
#include "core/error.h"

namespace bteval::app {
namespace {

struct SubmitArguments {
  std::string run, out, questions, vocabulary, check, reply;
  std::string task = "vqav2";
  bool allow_excluded = false;
};

void print(const SubmitReport& report) {
  for (const auto& file : report.written) fmt::print("written: {}\n", printable(file.string(), 4096));
  for (const std::string& fact : report.facts) fmt::print("{}\n", fact);
  for (const std::string& problem : report.problems) fmt::print(stderr, "bteval: {}\n", problem);
  if (report.problems.empty()) {
    for (const std::string& command : report.commands) fmt::print("{}\n", command);
  }
}

void require(bool given, const char* message) {
  if (!given) throw Error(ErrorCode::kUsage, message);
}

void check(const SubmitArguments& arguments) {
  require(arguments.run.empty(), "--check takes a file, no run directory");
  require(!arguments.questions.empty(),
          "--questions is missing: the question or annotation file of the split");
  const SubmitReport report =
      check_submission({arguments.task, arguments.check, arguments.questions, arguments.vocabulary});
  print(report);
  if (!report.problems.empty()) {
    throw Error(ErrorCode::kData, "the server would refuse this file, or score it wrongly",
                {arguments.check, "", std::nullopt});
  }
}

void run(const SubmitArguments& arguments) {
  if (!arguments.check.empty()) return check(arguments);
  require(!arguments.run.empty(), "the run directory is missing (or --check FILE)");
  if (!arguments.reply.empty()) return print(read_reply(arguments.reply, arguments.run));
  const SubmitReport report =
      submit_run({arguments.run, arguments.out, arguments.questions, arguments.allow_excluded});
  print(report);
  if (!report.problems.empty()) {
    throw Error(ErrorCode::kData, "this run makes no submission that the server would take",
                {arguments.run, "", std::nullopt});
  }
}

}  // namespace

void setup_submit(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("submit", "Write or check a file for an evaluation server, or read its reply");
  const auto arguments = std::make_shared<SubmitArguments>();
  command.add_option("run", arguments->run, "Run directory of bteval eval");
  command.add_option(
      "-o,--out", arguments->out,
      "File to write (default: in the run directory); for retrieval, what the names begin with");
  command.add_option("--questions", arguments->questions,
                     "Question or annotation file of the split (default: the one that the run has read)");
  command.add_flag("--allow-excluded", arguments->allow_excluded,
                   "Although the run's score leaves out samples whose images could not be read");
  CLI::Option& check =
      *command.add_option("--check", arguments->check, "Check this file instead of writing one");
  command.add_option("--task", arguments->task, "What --check takes the file for: vqav2, nlvr2 or snli-ve")
      ->check(CLI::IsMember({"vqav2", "nlvr2", "snli-ve"}))
      ->capture_default_str()
      ->needs(&check);
  command
      .add_option("--vocabulary", arguments->vocabulary,
                  "List of answers: --check counts the answers outside it")
      ->needs(&check);
  command.add_option("--reply", arguments->reply, "Read the server's JSON reply into the run's metrics")
      ->excludes(&check);
  command.callback([arguments] { run(*arguments); });
}

}  // namespace bteval::app
