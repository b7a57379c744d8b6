// Which classes and functions a checkpoint's pickle may name, and what naming them means.
#pragma once

#include <optional>
#include <string_view>

#include "checkpoint/tensor_view.h"

namespace bteval::checkpoint {

enum class GlobalKind {
  kOpaque,  ///< a class that bteval does not know: its instances are opaque values
  kDict,    ///< dict, OrderedDict, defaultdict, Counter
  kList,
  kTuple,            ///< tuple, torch.Size
  kSet,              ///< set, frozenset
  kStorage,          ///< torch.FloatStorage, ...
  kDType,            ///< torch.float32, ...: a value, not callable
  kRebuildTensor,    ///< torch._utils._rebuild_tensor(storage, offset, size, stride) and _v2, which adds
                     ///< arguments
  kRebuildTensorV3,  ///< ... with the dtype as an argument, on an untyped storage
  kRebuildParameter,
  kRebuildFromType,  ///< torch._tensor._rebuild_from_type_v2(function, type, arguments, state)
  kReconstruct,      ///< copyreg._reconstructor(class, base, state): an instance of the class
  kEncode,           ///< _codecs.encode(text, "latin1"): how protocol 2 writes bytes
  kRefused,          ///< can do more than hold data
};

struct GlobalRule {
  GlobalKind kind = GlobalKind::kOpaque;
  std::optional<DType> dtype;  ///< of kStorage and kDType; empty for dtypes that bteval does not read
  bool untyped = false;        ///< kStorage of bytes
};

/// Looks a name up. Anything of the interpreter, the operating system, processes, files, the network or other
/// unpicklers is kRefused, also where it hides in a dotted name or behind a double-underscore attribute; so
/// are functions of builtins that build no data. Every other name is kOpaque.
GlobalRule classify_global(std::string_view module, std::string_view name);

}  // namespace bteval::checkpoint
