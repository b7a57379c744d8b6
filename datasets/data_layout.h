// Where the files of a data set belong, in words.
#pragma once

#include <string>

namespace bteval::datasets {

/// The trees under --data that the task's adapter reads, and where each file is published. Error(kUsage)
/// listing the tasks for an unknown one.
std::string data_layout(const std::string& task);

}  // namespace bteval::datasets
