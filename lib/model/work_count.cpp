#include "model/work_count.h"

#include <numeric>

#include "model/attention.h"
#include "model/packed_rows.h"

namespace bteval::model {
namespace {

double count_of(std::int64_t a, std::int64_t b) { return static_cast<double>(a) * static_cast<double>(b); }

/// A product of rows with a matrix of the model's parameters, [columns, results].
Work product(std::int64_t rows, std::int64_t columns, std::int64_t results) {
  return {2.0 * static_cast<double>(rows) * count_of(columns, results), count_of(rows, columns + results),
          count_of(columns, results)};
}

/// A product of rows with a matrix that is made for each item.
Work own_product(std::int64_t rows, std::int64_t columns, std::int64_t results) {
  const Work work = product(rows, columns, results);
  return {work.flop, work.activations + work.parameters, 0};
}

/// Scores and weighted sums of `queries` over `keys` rows of `width` channels, all heads; scores stay where
/// they are.
Work attention(std::int64_t queries, std::int64_t keys, std::int64_t width) {
  return {2.0 * product(queries, keys, width).flop, 2.0 * count_of(queries + keys, width), 0};
}

/// A transformer layer without its attention: four projections, feed-forward.
Work layer_products(std::int64_t rows, std::int64_t width, std::int64_t ffn) {
  return 4.0 * product(rows, width, width) + 2.0 * product(rows, width, ffn);
}

}  // namespace

Work operator+(const Work& a, const Work& b) {
  return {a.flop + b.flop, a.activations + b.activations, a.parameters + b.parameters};
}

Work& operator+=(Work& a, const Work& b) { return a = a + b; }

Work operator*(double times, const Work& work) {
  return {times * work.flop, times * work.activations, times * work.parameters};
}

Work batch_of(const Work& work, double items) {
  return {items * work.flop, items * work.activations, work.parameters};
}

double memory_bytes(const Work& batch, double value_bytes) {
  return value_bytes * (batch.activations + batch.parameters);
}

std::int64_t WorkCount::image_rows(std::int64_t height, std::int64_t width) const {
  return height / config_.patch_size * (width / config_.patch_size) + 1;
}

Work WorkCount::image(std::int64_t rows) const {
  const std::int64_t width = config_.vision_width, hidden = config_.hidden_size;
  const auto layers = static_cast<double>(config_.vision_layers);
  const auto levels =
      static_cast<double>(config_.vision_layers - config_.first_bridged(config_.vision_layers));
  Work sum = product(rows - 1, 3 * config_.patch_size * config_.patch_size, width);
  sum += layers * (layer_products(rows, width, config_.vision_ffn_size) + attention(rows, rows, width));
  if (config_.num_cross_layers == 0) return sum;
  sum += levels * product(rows, width, hidden);
  if (!savings_.shared_first_layer) return sum;
  const double projections = savings_.absorbed_projections ? 6.0 : 7.0;  // q, k, v, o; k, v; perhaps q
  return sum + projections * product(rows, hidden, hidden) + attention(rows, rows, hidden);
}

/// Everything of the text tower that works on each row by itself.
Work WorkCount::text_products(std::int64_t rows) const {
  const std::int64_t width = config_.text_width, hidden = config_.hidden_size;
  const auto layers = static_cast<double>(config_.text_layers);
  const auto levels = static_cast<double>(config_.text_layers - config_.first_bridged(config_.text_layers));
  Work sum = layers * layer_products(rows, width, config_.text_ffn_size);
  if (config_.num_cross_layers == 0) return sum;
  sum += levels * product(rows, width, hidden);
  return savings_.shared_first_layer ? sum + 7.0 * product(rows, hidden, hidden) : sum;
}

/// The rest of it: one text's rows among themselves.
Work WorkCount::text_attention(std::int64_t rows) const {
  const Work sum = static_cast<double>(config_.text_layers) * attention(rows, rows, config_.text_width);
  const bool shared = config_.num_cross_layers > 0 && savings_.shared_first_layer;
  return shared ? sum + attention(rows, rows, config_.hidden_size) : sum;
}

Work WorkCount::text(std::int64_t rows) const { return text_products(rows) + text_attention(rows); }

Work WorkCount::packed_texts(std::span<const std::int64_t> rows) const {
  Work sum = text_products(filled_up(std::accumulate(rows.begin(), rows.end(), std::int64_t{0})));
  for (const std::int64_t own : rows) sum += text_attention(own);
  return sum;
}

Work WorkCount::cross_layer(std::int64_t own, std::int64_t other, bool shared, bool image_side) const {
  const std::int64_t width = config_.hidden_size;
  const std::int64_t few = image_side ? other : own, many = image_side ? own : other;
  const bool absorbed = savings_.absorbed_projections && worth_absorbing(few, many, config_.num_heads, width);
  Work sum = 2.0 * product(own, width, config_.ffn_size);
  if (!shared) sum += 4.0 * product(own, width, width) + attention(own, own, width);
  if (absorbed && (image_side || !shared)) {
    // The long side's two projections become two products with [width, heads * few], prepared from `few`
    // rows.
    sum += 2.0 * product(few, width, width) + 2.0 * own_product(many, width, config_.num_heads * few);
    return shared ? sum : sum + 2.0 * product(few, width, width);  // the short side's own two projections
  }
  sum += attention(own, other, width) + product(own, width, width);  // the output projection
  if (!shared || (image_side && savings_.absorbed_projections)) sum += product(own, width, width);  // q
  if (!shared) sum += 2.0 * product(other, width, width);                                           // k, v
  return sum;
}

Work WorkCount::cross_layer_row(std::int64_t own, std::int64_t other) const {
  const std::int64_t width = config_.hidden_size;
  // Query, moved key, moved value and output projection of both attentions; then each head reads every row.
  Work sum = 8.0 * product(1, width, width) + 2.0 * product(1, width, config_.ffn_size);
  for (const std::int64_t rows : {own, other}) sum += 2.0 * own_product(config_.num_heads, width, rows);
  return sum;
}

Work WorkCount::fusion(const WorkShape& shape) const {
  const std::int64_t layers = config_.num_cross_layers;
  Work sum = 2.0 * product(1, config_.hidden_size, config_.hidden_size);  // the poolers
  for (std::int64_t j = 0; j < layers; ++j) {
    for (const bool image_side : {false, true}) {
      const std::int64_t own = image_side ? shape.image_rows : shape.text_rows;
      const std::int64_t other = image_side ? shape.text_rows : shape.image_rows;
      sum += j + 1 == layers && savings_.pooled_row
                 ? cross_layer_row(own, other)
                 : cross_layer(own, other, j == 0 && savings_.shared_first_layer, image_side);
    }
  }
  return sum;
}

Work WorkCount::linear(std::int64_t inputs, std::int64_t labels) { return product(1, inputs, labels); }

Work WorkCount::classifier(std::int64_t inputs, std::int64_t labels) {
  return product(1, inputs, inputs) + product(1, inputs, labels);
}

}  // namespace bteval::model
