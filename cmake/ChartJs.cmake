# Finds Chart.js, which draws the charts of the HTML report: Debian's libjs-chart.js, or the file BTEVAL_CHART_JS, a build
# for script elements ("UMD") of version 3 or 4. Without it (or with -DBTEVAL_CHART_JS=OFF) pages show the numbers of
# their charts as tables. Sets BTEVAL_CHART_JS_FILE, empty where there is none, and BTEVAL_CHART_JS_VERSION.
find_file(BTEVAL_CHART_JS NAMES chart.min.js chart.umd.min.js chart.umd.js
  PATH_SUFFIXES share/javascript/chart.js share/nodejs/chart.js/dist
  DOC "Chart.js, the build for script elements; OFF: charts become tables")

set(BTEVAL_CHART_JS_FILE "")
set(BTEVAL_CHART_JS_VERSION "")
if(BTEVAL_CHART_JS)
  if(NOT EXISTS "${BTEVAL_CHART_JS}")
    message(FATAL_ERROR "BTEVAL_CHART_JS=${BTEVAL_CHART_JS} is not there")
  endif()
  file(READ "${BTEVAL_CHART_JS}" banner LIMIT 400)
  string(REGEX MATCH "Chart\\.js v([0-9]+\\.[0-9.]+)" matched "${banner}")
  set(version "${CMAKE_MATCH_1}")
  file(STRINGS "${BTEVAL_CHART_JS}" module REGEX "^export |[;}]export *{" LIMIT_COUNT 1)
  if(NOT matched OR version VERSION_LESS 3 OR NOT version VERSION_LESS 5 OR module)
    message(FATAL_ERROR "BTEVAL_CHART_JS=${BTEVAL_CHART_JS} is not the script build of Chart.js 3 or 4")
  endif()
  set(BTEVAL_CHART_JS_FILE "${BTEVAL_CHART_JS}")
  set(BTEVAL_CHART_JS_VERSION "${version}")
  message(STATUS "Chart.js ${version} at ${BTEVAL_CHART_JS}")
else()
  message(STATUS "No Chart.js (Debian: libjs-chart.js): HTML reports show tables instead of charts")
endif()
