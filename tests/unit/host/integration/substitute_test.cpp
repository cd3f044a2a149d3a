#include "integration/substitute.hpp"

#include <sys/stat.h>

#include "lint_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SubstituteTest : public LintTest {
 protected:
  Substituted apply(const std::string& text) {
    findings_ = Findings{"x.yaml"};
    return Substitution{options, folder.path()}.apply(text, {3, 7}, findings_);
  }
  std::vector<std::string> problems(const std::string& text) {
    apply(text);
    return texts(findings_.sorted());
  }
  ScratchFolder folder;

 private:
  Findings findings_{"x.yaml"};
};

TEST_F(SubstituteTest, PutsValuesIntoText) {
  environment = {{"A", "1"}, {"EMPTY", ""}, {"DEEP", "${A}"}};
  EXPECT_EQ(apply("x-${A}-${A}").text, "x-1-1");
  EXPECT_EQ(apply("${NONE:-d e:f}").text, "d e:f");
  EXPECT_EQ(apply("${NONE:-}").text, "");
  EXPECT_EQ(apply("${EMPTY:-x}").text, "x");
  EXPECT_EQ(apply("${DEEP}").text, "${A}") << "what is put in is not looked at again";
  EXPECT_EQ(apply("$${A} $A 5$").text, "${A} $A 5$");
  EXPECT_FALSE(apply("$${A}").substituted);
  EXPECT_TRUE(apply("${A}").substituted);
  EXPECT_TRUE(apply("${A}").resolved);
}

TEST_F(SubstituteTest, ReadsFilesWithoutTheirLastLineBreak) {
  const auto file = folder.write("secret", "abc\ndef\r\n");
  EXPECT_EQ(apply("${file:" + file + "}").text, "abc\ndef");
  EXPECT_EQ(apply("${file:secret}").text, "abc\ndef") << "relative to the integration file";
}

TEST_F(SubstituteTest, WarnsOfAFileThatEverybodyCanRead) {
  const auto file = folder.write("secret", "abc");
  ::chmod(file.c_str(), 0644);
  EXPECT_THAT(problems("${file:secret}"), IsEmpty()) << "nobody else gets into its folder";
  ::chmod(folder.path().c_str(), 0755);
  EXPECT_THAT(problems("${file:secret}"),
              ElementsAre("x.yaml:3:7: warning: every user of this machine can read the file of "
                          "\"${file:secret}\" (if a secret stands in it: chmod o-r)"));
  ::chmod(file.c_str(), 0640);
  EXPECT_THAT(problems("${file:secret}"), IsEmpty());
}

TEST_F(SubstituteTest, ReadsCredentialsOfSystemd) {
  EXPECT_THAT(problems("${credential:key}"),
              ElementsAre("x.yaml:3:7: error: there are no credentials of systemd here: "
                          "CREDENTIALS_DIRECTORY is not set (name it in the unit: "
                          "LoadCredential=key:/path)"));
  folder.write("key", "abc\n");
  environment = {{"CREDENTIALS_DIRECTORY", folder.path().string()}};
  EXPECT_EQ(apply("${credential:key}").text, "abc");
  EXPECT_THAT(problems("${credential:../key}"), ::testing::SizeIs(1)) << "only its own folder";
}

TEST_F(SubstituteTest, SaysWhatHasNoValue) {
  environment = {{"EMPTY", ""}, {"BAD", "\xFF"}};
  EXPECT_THAT(problems("${NONE}"),
              ElementsAre("x.yaml:3:7: error: the environment variable NONE is not set (set it, or "
                          "write ${NONE:-default})"));
  EXPECT_THAT(problems("${EMPTY}"),
              ElementsAre("x.yaml:3:7: error: the environment variable EMPTY is empty (set it, or "
                          "write ${EMPTY:-default})"));
  EXPECT_THAT(problems("${BAD}"),
              ElementsAre("x.yaml:3:7: error: the environment variable BAD is not valid UTF-8"));
  EXPECT_THAT(
      problems("a ${B"),
      ElementsAre("x.yaml:3:7: error: a ${ is not closed by } (write ${NAME}, "
                  "${NAME:-default}, ${file:/path} or ${credential:name}; $${ for a plain ${)"));
  for (const auto* text : {"${}", "${1A}", "${A-b}", "${A B}", "${file:}"}) {
    EXPECT_THAT(problems(text),
                ElementsAre("x.yaml:3:7: error: \"" + std::string{text} +
                            "\" refers to nothing (write ${NAME}, ${NAME:-default}, "
                            "${file:/path} or ${credential:name}; $${ for a plain ${)"));
  }
}

TEST_F(SubstituteTest, SaysWhyAFileGivesNoValue) {
  const auto prefix = "x.yaml:3:7: error: the file \"" + folder.path().string() + "/";
  EXPECT_THAT(problems("${file:none}"), ElementsAre(prefix + "none\" does not exist"));
  folder.write("d/x", "");
  EXPECT_THAT(problems("${file:d}"), ElementsAre(prefix + "d\" is not a regular file"));
  EXPECT_THAT(problems("${file:d/x}"), ElementsAre(prefix + "d/x\" is empty"));
  folder.write("large", std::string(64 * 1024 + 1, 'x'));
  EXPECT_THAT(problems("${file:large}"),
              ElementsAre(prefix + "large\" is larger than 64 KiB (a value stands alone in its "
                                   "file)"));
  folder.write("bad", "\xFF");
  EXPECT_THAT(problems("${file:bad}"), ElementsAre(prefix + "bad\" is not valid UTF-8"));
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(problems("${file:pipe}"), ElementsAre(prefix + "pipe\" is not a regular file"));
}

TEST_F(SubstituteTest, NotesWhatIsMissingWhenValuesAreNotNeeded) {
  options.resolve_secrets = false;
  EXPECT_THAT(problems("${NONE}"),
              ElementsAre("x.yaml:3:7: note: the environment variable NONE is not set (not needed "
                          "to check the file, but to run it)"));
  const auto value = apply("a-${NONE}");
  EXPECT_EQ(value.text, "a-${NONE}");
  EXPECT_FALSE(value.resolved);
  EXPECT_THAT(problems("${"), ::testing::SizeIs(1));
}

TEST_F(SubstituteTest, FindsReferences) {
  EXPECT_TRUE(has_reference("a ${B} c"));
  EXPECT_TRUE(has_reference("${file:/x}"));
  EXPECT_FALSE(has_reference("$${B}"));
  EXPECT_FALSE(has_reference("${ B }"));
  EXPECT_FALSE(has_reference("${B"));
}

}  // namespace
}  // namespace sluice::host
