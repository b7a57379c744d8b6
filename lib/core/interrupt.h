// SIGINT and SIGTERM as a flag that long loops ask for.
#pragma once

namespace bteval {

/// Turns the first SIGINT or SIGTERM into the flag; the second one ends the process at once, as by default.
void install_interrupt_handlers();
/// Whether a signal has come.
bool interrupted();
/// Throws Error(kInterrupted) where interrupted().
void throw_if_interrupted();

}  // namespace bteval
