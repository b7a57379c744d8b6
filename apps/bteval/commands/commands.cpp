#include "commands/commands.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <regex>
#include <string>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/mapped_guard.h"
#include "core/version.h"
#include "distributed/local_ranks.h"

namespace bteval::app {
namespace {

int report(const char* message, ErrorCode code) {
  fmt::print(stderr, "bteval: {}\n", message);
  return exit_status(code);
}

/// The parser's complaint as one line like all others. It knows no words for a value that is none of a list:
/// "device: Check x value in {a->0,b->1} OR {0,1} FAILED".
std::string usage_error(const CLI::App* /*app*/, const CLI::Error& error) {
  static const std::regex choice(R"(^(.*): Check ([^]*) value in \{(.*)\} OR \{.*\} FAILED$)");
  std::string text = error.what();
  if (std::smatch match; std::regex_match(text, match, choice)) {
    const std::string names = std::regex_replace(match[3].str(), std::regex("->[^,]*"), "");
    text = fmt::format("{}: {} not in {{{}}}", match[1].str(), match[2].str(), names);
  }
  return fmt::format("bteval: {} (--help lists the options)\n", printable(text, 4000));
}

void setup_all(CLI::App& app, std::vector<std::string> command_line) {
  app.require_subcommand(1);
  app.failure_message(usage_error);
  app.set_version_flag("--version",
                       fmt::format("bteval {} ({}; {})", version(), git_revision(), build_info()));
  setup_eval(app, std::move(command_line));
  setup_merge(app);
  setup_score(app);
  setup_data(app);
  setup_submit(app);
  setup_report(app);
  setup_compare(app);
  setup_verify(app);
  setup_reproduce(app);
  setup_export(app);
  setup_inspect(app);
  setup_convert(app);
  setup_bench(app);
  CLI::App& probe = *app.add_subcommand("probe", "Expose single stages for parity checks");
  probe.require_subcommand(1);
  setup_probe_forward(probe);
  setup_probe_tokens(probe);
  setup_probe_image(probe);
  setup_probe_retrieval(probe);
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app("Exact and fast evaluation of BridgeTower");
  setup_all(app, std::vector<std::string>(argv, argv + argc));
  distributed::end_with_parent();
  install_interrupt_handlers();
  install_mapped_guard();
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::RuntimeError& error) {  // what other processes ended with
    return error.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_status(ErrorCode::kUsage);
  } catch (const Error& error) {
    return report(error.what(), error.code());
  } catch (const std::bad_alloc&) {
    return report("out of memory", ErrorCode::kDevice);
  } catch (const std::filesystem::filesystem_error& error) {
    const Error named(ErrorCode::kData, error.code().message(), {error.path1().string(), "", std::nullopt});
    return report(named.what(), named.code());
  } catch (const std::system_error& error) {  // no more threads
    return report(fmt::format("the system refuses: {}", printable(error.what(), 2000)).c_str(),
                  ErrorCode::kDevice);
  } catch (const std::exception& error) {
    return report(fmt::format("internal error: {}", printable(error.what(), 2000)).c_str(),
                  ErrorCode::kInternal);
  } catch (...) {
    return report("internal error: an exception of an unknown type", ErrorCode::kInternal);
  }
}

}  // namespace bteval::app
