// The few places where LibTorch 1.13 and 2.x differ for the engine, and LibTorch's own version.
#pragma once

#include <ATen/ATen.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/version.h>
