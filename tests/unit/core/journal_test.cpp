#include "core/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What `action` says when it fails, as it must, with this code.
template <typename Action>
std::string message_of(const Action& action, ErrorCode code) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  return "no error";
}

std::vector<std::string> records_of(const Journal& journal) {
  std::vector<std::string> records;
  journal.replay([&](std::string_view record) { records.emplace_back(record); });
  return records;
}

class JournalTest : public ::testing::Test {
 protected:
  void write(const std::vector<std::string>& records) const {
    Journal journal(path);
    journal.start("header");
    for (const std::string& record : records) journal.append(record);
  }
  std::string content() const { return std::string(Bytes::map_file(path)->text()); }

  testing::TempDir dir;
  fs::path path = dir.path() / "journal";
};

TEST_F(JournalTest, GivesBackWhatWasWritten) {
  const std::string binary("\0\n\xff", 3);
  write({"one", "", binary});
  const Journal journal(path);
  EXPECT_EQ(journal.header(), "header");
  EXPECT_EQ(journal.torn_bytes(), 0U);
  EXPECT_THAT(records_of(journal), ElementsAre("one", "", binary));
}

TEST_F(JournalTest, IsEmptyWhereNothingWasWritten) {
  Journal journal(path);
  EXPECT_EQ(journal.header(), std::nullopt);
  EXPECT_THAT(records_of(journal), IsEmpty());
  EXPECT_THAT(message_of([&] { journal.append("x"); }, ErrorCode::kInternal), HasSubstr("header"));
}

TEST_F(JournalTest, LeavesNoFileWithoutAHeader) {
  { const Journal journal(path); }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(JournalTest, GoesOnBehindTheLastRecord) {
  write({"one"});
  {
    Journal journal(path);
    journal.append("two");
  }
  EXPECT_THAT(records_of(Journal(path)), ElementsAre("one", "two"));
}

TEST_F(JournalTest, StartsAgainUnderAnotherHeader) {
  write({"one", "two"});
  {
    Journal journal(path);
    journal.start("other");
    journal.append("three");
  }
  const Journal journal(path);
  EXPECT_EQ(journal.header(), "other");
  EXPECT_THAT(records_of(journal), ElementsAre("three"));
}

TEST_F(JournalTest, LosesOnlyTheRecordThatWasTornAtAnyByte) {
  write({"one", "two"});
  const std::string whole = content();
  write({"one"});
  const std::size_t kept = content().size();
  for (std::size_t size = kept; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    write_file_atomic(path, whole.substr(0, size));
    {
      Journal journal(path);
      EXPECT_THAT(records_of(journal), ElementsAre("one"));
      EXPECT_EQ(journal.torn_bytes(), size - kept);
      journal.append("two");
    }
    EXPECT_EQ(content(), whole);
  }
}

TEST_F(JournalTest, BeginsAnewWhereTheHeaderIsTorn) {
  write({});
  const std::string whole = content();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    write_file_atomic(path, whole.substr(0, size));
    {
      Journal journal(path);
      EXPECT_EQ(journal.header(), std::nullopt);
      journal.start("header");
    }
    EXPECT_EQ(content(), whole);
  }
}

TEST_F(JournalTest, TakesNoRecordBehindAChangedByte) {
  write({"one", "two", "three"});
  const std::string whole = content();
  for (std::size_t i = whole.find("one"); i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    write_file_atomic(path, changed);
    std::vector<std::string> expected;
    for (const char* record : {"one", "two", "three"}) {
      if (i < whole.find(record) + std::string(record).size()) break;
      expected.emplace_back(record);
    }
    EXPECT_EQ(records_of(Journal(path)), expected) << "byte " << i;
  }
}

TEST_F(JournalTest, TakesNoRecordOfAnotherJournal) {
  write({"one", "two"});
  const std::string first = content();
  write({"ten", "two"});
  const std::string second = content();
  const std::size_t end_of_one = first.find("one") + 3;
  write_file_atomic(path, first.substr(0, end_of_one) + second.substr(end_of_one));
  EXPECT_THAT(records_of(Journal(path)), ElementsAre("one"));
}

TEST_F(JournalTest, IsWrittenByOneProcessOnly) {
  const Journal journal(path);
  EXPECT_THAT(message_of([&] { Journal second(path); }, ErrorCode::kUsage),
              HasSubstr("another process is writing this run"));
}

TEST_F(JournalTest, IsUnlockedByTheDeathOfItsWriter) {
  const pid_t child = ::fork();
  if (child == 0) {
    Journal journal(path);
    journal.start("header");
    journal.append("one");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_THAT(records_of(Journal(path)), ElementsAre("one"));
}

TEST_F(JournalTest, RefusesAnotherFile) {
  write_file_atomic(path, "a letter");
  EXPECT_THAT(message_of([&] { Journal journal(path); }, ErrorCode::kData), HasSubstr("no journal"));
  EXPECT_EQ(content(), "a letter");
}

TEST_F(JournalTest, NamesItselfWhereARecordIsRefused) {
  write({"one"});
  const Journal journal(path);
  const auto refuse = [](std::string_view) { throw Error(ErrorCode::kData, "no such unit"); };
  EXPECT_EQ(message_of([&] { journal.replay(refuse); }, ErrorCode::kData), path.string() + ": no such unit");
}

TEST_F(JournalTest, NamesTheFolderThatIsNotThere) {
  EXPECT_THAT(message_of([&] { Journal journal(dir.path() / "no" / "journal"); }, ErrorCode::kData),
              HasSubstr("no/journal: cannot write the journal: No such file"));
}

TEST_F(JournalTest, IsGoneWhenRemoved) {
  Journal journal(path);
  journal.start("header");
  journal.remove();
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace bteval
