// Command lines that are made of other ones.
#pragma once

#include <string>
#include <vector>

namespace bteval::app {

using Words = std::vector<std::string>;

/// A command line without an option, in every form that the parser takes: "--out X", "--out=X", "-o X",
/// "-oX". `names` with their dashes.
Words without_option(const Words& command, const Words& names);

/// The same with the option's value at the end, under the first of its names.
Words with_option(const Words& command, const Words& names, const std::string& value);

}  // namespace bteval::app
