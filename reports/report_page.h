// What the interactive report shows besides its tables: charts, samples and thumbnails of runs.
//
// report_page_json() turns it into the data of the page; reports/report_html.h makes the page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bteval::reports {

/// Horizontal bars: one number a label and run. Numbers that do not exist have no bar.
struct BarChart {
  struct Series {
    std::size_t run = 0;
    std::vector<std::optional<double>> values;  ///< by label
  };
  std::string title, unit;
  std::vector<std::string> labels;
  std::vector<std::uint64_t> counts;  ///< samples behind each label
  std::vector<Series> series;
};

/// How often which class was predicted for samples of which class.
struct MatrixChart {
  std::string title;
  std::size_t run = 0;
  std::vector<std::string> labels;
  std::vector<std::vector<std::uint64_t>> counts;  ///< [gold][predicted]
};

struct CurveChart {
  struct Series {
    std::size_t run = 0;
    std::string name;                               ///< tells the curves of one run apart; may be empty
    std::vector<std::pair<double, double>> points;  ///< x ascends
  };
  std::string title, x, y;  ///< x, y: names of the axes with their units
  std::vector<Series> series;
};

/// Mean value against mean confidence, bin by bin.
struct ReliabilityChart {
  struct Bin {
    double low = 0, high = 0;  ///< of the confidence, 0 to 1
    std::uint64_t count = 0;
    double confidence = 0, value = 0;  ///< means of the bin, 0 to 1; of no meaning where count is 0
  };
  struct Series {
    std::size_t run = 0;
    double ece = 0, mce = 0;  ///< expected and largest calibration error, per cent
    std::vector<Bin> bins;
  };
  std::string title;
  std::vector<Series> series;
};

/// Differences from the group's first run.
struct IntervalChart {
  struct Item {
    double difference = 0, low = 0, high = 0;
    double p = 1;
  };
  struct Series {
    std::size_t run = 0;
    std::vector<Item> items;  ///< by label
  };
  std::string title, unit;
  std::vector<std::string> labels;
  std::vector<Series> series;
};

using PageChart = std::variant<BarChart, MatrixChart, CurveChart, ReliabilityChart, IntervalChart>;

/// A property to filter by.
struct PageSlice {
  std::string name;
  std::vector<std::string> values;
};

/// How the shown samples of one run came out; by sample.
struct PageOutcomes {
  std::vector<double> values;  ///< 0 to 1; NaN where a sample does not count
  std::vector<std::string> predictions;
  std::vector<float> confidences;              ///< NaN: none; empty where no sample has one
  std::vector<std::uint32_t> ranks;            ///< from 1, 0: none; empty where no sample has one
  std::map<std::size_t, std::string> refused;  ///< why there is no prediction
};

/// The samples that can be browsed; all columns have one length.
struct PageSamples {
  static constexpr std::int32_t kNone = -1;
  std::vector<std::string> ids, texts;
  std::vector<std::vector<std::string>> targets;
  std::vector<std::vector<std::size_t>> images;   ///< indices in ReportPage::thumbnails
  std::vector<std::vector<std::int32_t>> slices;  ///< [slice][sample]: index of the value, or kNone
  std::vector<PageOutcomes> runs;
};

/// Runs that can be looked at side by side: one task, one split, the same annotations.
struct PageGroup {
  std::string title;        ///< "VQAv2 val"
  std::string task, split;  ///< "vqav2", "val"
  std::uint64_t total = 0;  ///< samples that all runs have; charts are computed from them
  std::string selection;    ///< which of them can be browsed, in words
  std::vector<std::string> runs;
  std::vector<PageChart> charts;
  std::vector<PageSlice> slices;
  PageSamples samples;
};

struct PageThumbnail {
  std::string name;  ///< the file's name
  int width = 0, height = 0;
  std::string jpeg;  ///< a JPEG file; empty where there is no picture to show
};

struct ReportPage {
  std::vector<PageGroup> groups;
  std::vector<PageThumbnail> thumbnails;  ///< each image once, however many samples show it
};

/// The page as compact JSON (docs/reports.md describes it) that may stand in a script element: `<`, `>`, `&`
/// and the line separators U+2028 and U+2029 are escaped, invalid UTF-8 becomes U+FFFD. Numbers have six
/// significant digits, those that do not exist are null. The same page gives the same bytes.
/// Error(kInternal) where the columns of a group's samples do not have one length.
std::string report_page_json(const ReportPage& page);

}  // namespace bteval::reports
