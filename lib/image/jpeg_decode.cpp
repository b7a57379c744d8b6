// JPEG through libjpeg directly rather than through OpenCV, whose decoder fills the rest of a truncated file
// with gray and reports success, and converts CMYK by another formula than Pillow.
#include <algorithm>
#include <csetjmp>
#include <new>
#include <string>
// jpeglib.h needs FILE and size_t before it.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "core/error.h"
#include "image/decoders.h"
#include "image/jpeg_header.h"

namespace bteval::image {
namespace {

struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf target;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  info->err->format_message(info, manager->message);
  std::longjmp(manager->target, 1);
}

void on_message(j_common_ptr) {}  // warnings do not stop Pillow either

// Pillow's source manager never refills: a decoder that wants more than the file has is suspended, and that
// is how truncation shows (src/libImaging/JpegDecode.c). Ours has the whole file at once.
boolean refuse_to_refill(j_decompress_ptr) { return FALSE; }

void skip_input(j_decompress_ptr info, long count) {
  const auto skipped = std::min(static_cast<std::size_t>(std::max(count, 0L)), info->src->bytes_in_buffer);
  info->src->next_input_byte += skipped;
  info->src->bytes_in_buffer -= skipped;
}

void do_nothing(j_decompress_ptr) {}

/// Colour as Pillow asks libjpeg for it: gray stays gray, three components become RGB whatever they were,
/// four CMYK.
J_COLOR_SPACE output_space(int components) {
  return components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
}

/// a * b / 255, rounded, in Pillow's integer arithmetic.
unsigned multiply_unit(unsigned a, unsigned b) {
  const unsigned product = a * b + 128;
  return (product / 256 + product) / 256;
}

void expand_row(const std::uint8_t* in, int components, int width, std::uint8_t* out) {
  for (int x = 0; x < width; ++x, out += 3) {
    if (components == 1) {
      out[0] = out[1] = out[2] = *in++;
    } else {
      // Four components are taken as Adobe's inverted CMYK, with or without Adobe's marker.
      const unsigned white = in[3];
      for (int c = 0; c < 3; ++c) {
        out[c] = static_cast<std::uint8_t>(white - std::min(white, multiply_unit(255U - in[c], white)));
      }
      in += 4;
    }
  }
}

enum class Outcome { kDone, kTruncated, kFailed, kContradiction };

// Everything that libjpeg's longjmp may cross is plain data owned by the caller: no destructor is skipped.
struct Job {
  jpeg_decompress_struct info;
  ErrorManager errors;
  jpeg_source_mgr source;
  ByteSpan file;
  JpegHeader header;
  unsigned reduce;    ///< 1, 2, 4 or 8: every side is divided by it
  int width, height;  ///< of the reduced image
  std::uint8_t* pixels;
  std::uint8_t* line;
};

Outcome decode_rows(Job& job) {
  jpeg_decompress_struct& info = job.info;
  if (setjmp(job.errors.target) != 0) return Outcome::kFailed;
  jpeg_create_decompress(&info);
  job.source.init_source = do_nothing;
  job.source.fill_input_buffer = refuse_to_refill;
  job.source.skip_input_data = skip_input;
  job.source.resync_to_restart = jpeg_resync_to_restart;
  job.source.term_source = do_nothing;
  job.source.next_input_byte = reinterpret_cast<const JOCTET*>(job.file.data());
  job.source.bytes_in_buffer = job.file.size();
  info.src = &job.source;

  int status = JPEG_HEADER_TABLES_ONLY;
  while (status == JPEG_HEADER_TABLES_ONLY) status = jpeg_read_header(&info, FALSE);
  if (status == JPEG_SUSPENDED) return Outcome::kTruncated;
  if (static_cast<int>(info.image_width) != job.header.width ||
      static_cast<int>(info.image_height) != job.header.height ||
      info.num_components != job.header.components) {
    return Outcome::kContradiction;
  }
  info.out_color_space = output_space(job.header.components);
  info.scale_num = 1;
  info.scale_denom = job.reduce;
  if (jpeg_start_decompress(&info) == FALSE) return Outcome::kTruncated;
  if (static_cast<int>(info.output_width) != job.width || static_cast<int>(info.output_height) != job.height)
    return Outcome::kContradiction;
  const std::size_t row_bytes = static_cast<std::size_t>(job.width) * 3;
  for (int y = 0; y < job.height; ++y) {
    std::uint8_t* out = job.pixels + static_cast<std::size_t>(y) * row_bytes;
    JSAMPROW target = job.header.components == 3 ? out : job.line;
    if (jpeg_read_scanlines(&info, &target, 1) != 1) return Outcome::kTruncated;
    if (job.header.components != 3) expand_row(job.line, job.header.components, job.width, out);
  }
  // Pillow takes the complete rows where the end marker does not come. Where another marker comes and is cut
  // off, libjpeg 2 waits for more and libjpeg 3 fails.
  if (jpeg_finish_decompress(&info) == FALSE && info.unread_marker != 0) return Outcome::kTruncated;
  return Outcome::kDone;
}

}  // namespace

RgbImage decode_jpeg(ByteSpan file, const DecodeLimits& limits, unsigned reduce) {
  Job job{};
  job.file = file;
  job.header = read_jpeg_header(file);
  job.reduce = reduce;
  check_size(static_cast<std::uint64_t>(job.header.width), static_cast<std::uint64_t>(job.header.height),
             limits);
  const auto reduced = [reduce](int side) {
    return static_cast<int>((static_cast<unsigned>(side) + reduce - 1) / reduce);
  };
  job.width = reduced(job.header.width);
  job.height = reduced(job.header.height);
  RgbImage image = make_image(job.width, job.height);
  std::vector<std::uint8_t> line(static_cast<std::size_t>(job.width) * 4);
  job.pixels = image.pixels.data();
  job.line = line.data();
  job.info.err = jpeg_std_error(&job.errors.base);
  job.errors.base.error_exit = on_error;
  job.errors.base.output_message = on_message;

  const Outcome outcome = decode_rows(job);
  const std::size_t left = job.source.bytes_in_buffer;
  jpeg_destroy_decompress(&job.info);
  switch (outcome) {
    case Outcome::kDone:
      return image;
    case Outcome::kTruncated:
      throw Error(ErrorCode::kData, fmt::format("the JPEG file is truncated ({} bytes not processed)", left));
    case Outcome::kContradiction:
      throw Error(ErrorCode::kData, "the JPEG file has several frame headers that contradict each other");
    case Outcome::kFailed:
      break;
  }
  if (job.errors.base.msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
  throw Error(ErrorCode::kData, fmt::format("broken JPEG data: {}", printable(job.errors.message)));
}

}  // namespace bteval::image
