// File names of images and what they say, in retrieval annotations.
#pragma once

#include <string>
#include <string_view>

namespace bteval::datasets {

/// Why a path from an annotation file must not be followed ("is absolute", "leaves the image folder", …), or
/// null where it may: a relative path of plain components.
const char* image_path_fault(std::string_view path);

/// COCO's number where the file's name is COCO_<set>_<digits> or nothing but digits with leading zeros
/// ("391895" for "val2014/COCO_val2014_000000391895.jpg"), else the name without folder and extension.
std::string image_id_of_path(std::string_view path);

/// The path of an image of the COCO form: "val2014/COCO_val2014_….jpg" for names that say their folder, else
/// the name itself.
std::string coco_image_path(std::string_view file_name);

/// The part behind the last '/'.
std::string_view base_name(std::string_view path);

}  // namespace bteval::datasets
