#include "core/error.h"
#include "core/version.h"
#include "reports/json_text.h"
#include "reports/report_page.h"

namespace bteval::reports {
namespace {

template <typename T>
void add_list(JsonText& out, const std::vector<T>& values) {
  out.open('[');
  for (const T& value : values) out.add(value);
  out.close(']');
}

template <typename T>
void add_rows(JsonText& out, const std::vector<std::vector<T>>& rows) {
  out.open('[');
  for (const auto& row : rows) add_list(out, row);
  out.close(']');
}

void begin_chart(JsonText& out, const char* kind, const std::string& title) {
  out.open('{').key("kind").add(kind).key("title").add(title);
}

void add_chart(JsonText& out, const BarChart& chart) {
  begin_chart(out, "bars", chart.title);
  out.key("unit").add(chart.unit);
  add_list(out.key("labels"), chart.labels);
  add_list(out.key("counts"), chart.counts);
  out.key("series").open('[');
  for (const BarChart::Series& series : chart.series) {
    out.open('{').key("run").add(series.run).key("values").open('[');
    for (const auto& value : series.values) value ? out.add(*value) : out.null();
    out.close(']').close('}');
  }
  out.close(']').close('}');
}

void add_chart(JsonText& out, const MatrixChart& chart) {
  begin_chart(out, "matrix", chart.title);
  out.key("run").add(chart.run);
  add_list(out.key("labels"), chart.labels);
  add_rows(out.key("counts"), chart.counts);
  out.close('}');
}

void add_chart(JsonText& out, const CurveChart& chart) {
  begin_chart(out, "curves", chart.title);
  out.key("x").add(chart.x).key("y").add(chart.y).key("series").open('[');
  for (const CurveChart::Series& series : chart.series) {
    out.open('{').key("run").add(series.run).key("name").add(series.name).key("points").open('[');
    for (const auto& [x, y] : series.points) out.open('[').add(x).add(y).close(']');
    out.close(']').close('}');
  }
  out.close(']').close('}');
}

void add_chart(JsonText& out, const ReliabilityChart& chart) {
  begin_chart(out, "reliability", chart.title);
  out.key("series").open('[');
  for (const ReliabilityChart::Series& series : chart.series) {
    out.open('{').key("run").add(series.run).key("ece").add(series.ece).key("mce").add(series.mce);
    out.key("bins").open('[');
    for (const ReliabilityChart::Bin& bin : series.bins) {
      out.open('{').key("low").add(bin.low).key("high").add(bin.high).key("count").add(bin.count);
      out.key("confidence");
      bin.count > 0 ? out.add(bin.confidence) : out.null();
      out.key("value");
      bin.count > 0 ? out.add(bin.value) : out.null();
      out.close('}');
    }
    out.close(']').close('}');
  }
  out.close(']').close('}');
}

void add_chart(JsonText& out, const IntervalChart& chart) {
  begin_chart(out, "intervals", chart.title);
  out.key("unit").add(chart.unit);
  add_list(out.key("labels"), chart.labels);
  out.key("series").open('[');
  for (const IntervalChart::Series& series : chart.series) {
    out.open('{').key("run").add(series.run).key("items").open('[');
    for (const IntervalChart::Item& item : series.items) {
      out.open('{').key("difference").add(item.difference).key("low").add(item.low);
      out.key("high").add(item.high).key("p").add(item.p).close('}');
    }
    out.close(']').close('}');
  }
  out.close(']').close('}');
}

void add_outcomes(JsonText& out, const PageOutcomes& run) {
  out.open('{');
  add_list(out.key("value"), run.values);
  add_list(out.key("prediction"), run.predictions);
  out.key("confidence");
  run.confidences.empty() ? void(out.null()) : add_list(out, run.confidences);
  out.key("rank");
  if (run.ranks.empty()) {
    out.null();
  } else {
    out.open('[');
    for (const std::uint32_t rank : run.ranks) rank == 0 ? out.null() : out.add(rank);
    out.close(']');
  }
  out.key("refused").open('{');
  for (const auto& [sample, reason] : run.refused) out.key(std::to_string(sample)).add(reason);
  out.close('}').close('}');
}

void check_lengths(const PageGroup& group) {
  const std::size_t n = group.samples.ids.size();
  const auto fits = [n](const auto& column) { return column.size() == n; };
  const PageSamples& samples = group.samples;
  bool good = fits(samples.texts) && fits(samples.targets) && fits(samples.images) &&
              samples.slices.size() == group.slices.size() && samples.runs.size() == group.runs.size();
  for (const auto& slice : samples.slices) good = good && fits(slice);
  for (const PageOutcomes& run : samples.runs) {
    good = good && fits(run.values) && fits(run.predictions) &&
           (run.confidences.empty() || fits(run.confidences)) && (run.ranks.empty() || fits(run.ranks));
  }
  if (!good) throw Error(ErrorCode::kInternal, "columns of the report's samples differ in length");
}

void add_samples(JsonText& out, const PageSamples& samples) {
  out.open('{');
  add_list(out.key("id"), samples.ids);
  add_list(out.key("text"), samples.texts);
  add_rows(out.key("targets"), samples.targets);
  add_rows(out.key("images"), samples.images);
  add_rows(out.key("slices"), samples.slices);
  out.key("runs").open('[');
  for (const PageOutcomes& run : samples.runs) add_outcomes(out, run);
  out.close(']').close('}');
}

void add_group(JsonText& out, const PageGroup& group) {
  check_lengths(group);
  out.open('{').key("title").add(group.title).key("task").add(group.task).key("split").add(group.split);
  out.key("total").add(group.total).key("selection").add(group.selection);
  add_list(out.key("runs"), group.runs);
  out.key("charts").open('[');
  for (const PageChart& chart : group.charts)
    std::visit([&](const auto& of_kind) { add_chart(out, of_kind); }, chart);
  out.close(']').key("slices").open('[');
  for (const PageSlice& slice : group.slices) {
    add_list(out.open('{').key("name").add(slice.name).key("values"), slice.values);
    out.close('}');
  }
  out.close(']').key("samples");
  add_samples(out, group.samples);
  out.close('}');
}

}  // namespace

std::string report_page_json(const ReportPage& page) {
  JsonText out;
  out.open('{').key("version").add(1).key("generator").add("bteval " + version()).key("groups").open('[');
  for (const PageGroup& group : page.groups) add_group(out, group);
  out.close(']').key("thumbnails").open('[');
  for (const PageThumbnail& thumbnail : page.thumbnails) {
    out.open('{').key("name").add(thumbnail.name).key("width").add(thumbnail.width);
    out.key("height").add(thumbnail.height);
    if (!thumbnail.jpeg.empty()) out.key("jpeg").add_base64(thumbnail.jpeg);
    out.close('}');
  }
  out.close(']').close('}');
  return std::move(out).take();
}

}  // namespace bteval::reports
