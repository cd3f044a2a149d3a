#include "document_store.hpp"

#include <gtest/gtest.h>

#include <sluice/error.hpp>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

class DocumentStoreTest : public FileTest {
 protected:
  DocumentStore store{path, "k"};
};

TEST_F(DocumentStoreTest, CutsOffALineThatACrashLeftUnfinished) {
  put("{\"k\":\"a\"}\n{\"k\":\"b\",\"na");
  store.refresh_to_write(context);
  EXPECT_EQ(contents(), "{\"k\":\"a\"}\n");
  EXPECT_TRUE(host.logged("cut off"));
  EXPECT_TRUE(store.find("a"));
  EXPECT_FALSE(store.find("b"));
}

TEST_F(DocumentStoreTest, EndsALastLineThatIsWhole) {
  put("{\"k\":\"a\"}");
  store.refresh_to_write(context);
  EXPECT_EQ(contents(), "{\"k\":\"a\"}\n");
  EXPECT_TRUE(store.find("a"));
}

TEST_F(DocumentStoreTest, LeavesForeignLinesAlone) {
  put("# a comment\n{\"k\":\"a\"}\n{\"other\":1}\n\n");
  store.refresh_to_write(context);
  store.put("b", {{"k", "b"}});
  store.commit();
  EXPECT_EQ(contents(), "# a comment\n{\"k\":\"a\"}\n{\"other\":1}\n\n{\"k\":\"b\"}\n");
  EXPECT_TRUE(host.logged("2 lines are no documents"));
}

TEST_F(DocumentStoreTest, ShowsStagedChangesBeforeTheyAreInTheFile) {
  put("{\"k\":\"a\",\"n\":1}\n");
  store.refresh_to_write(context);
  store.put("a", {{"k", "a"}, {"n", 2}});
  store.put("b", {{"k", "b"}});
  store.remove("b");
  EXPECT_EQ(store.find("a")->at("n"), 2);
  EXPECT_FALSE(store.find("b"));
  EXPECT_EQ(contents(), "{\"k\":\"a\",\"n\":1}\n");
  store.discard();
  EXPECT_EQ(store.find("a")->at("n"), 1);
}

TEST_F(DocumentStoreTest, KeepsItsIndexInStepWithTheFile) {
  store.refresh_to_write(context);
  for (int i = 0; i < 3; ++i) {
    store.put("a", {{"k", "a"}, {"n", i}});
    store.put("b" + std::to_string(i), {{"k", "b" + std::to_string(i)}});
    store.commit();
    EXPECT_EQ(store.find("a")->at("n"), i);
  }
  DocumentStore again{path, "k"};
  again.refresh(context);
  EXPECT_EQ(again.find("a")->at("n"), 2);
  EXPECT_TRUE(again.find("b0"));
}

TEST_F(DocumentStoreTest, ChangesNothingToRead) {
  store.refresh(context);
  EXPECT_FALSE(store.find("a"));
  EXPECT_FALSE(std::filesystem::exists(path));
  put("{\"k\":\"a\"}\n{\"k\":");
  store.refresh(context);
  EXPECT_TRUE(store.find("a"));
  EXPECT_EQ(contents(), "{\"k\":\"a\"}\n{\"k\":");
  std::filesystem::remove(path);
  store.refresh(context);
  EXPECT_FALSE(store.find("a"));
}

TEST_F(DocumentStoreTest, SeesAFileThatBecameShorter) {
  put("{\"k\":\"a\"}\n{\"k\":\"b\"}\n");
  store.refresh(context);
  EXPECT_TRUE(store.find("b"));
  put("{\"k\":\"c\"}\n");
  store.refresh(context);
  EXPECT_FALSE(store.find("a"));
  EXPECT_TRUE(store.find("c"));
}

}  // namespace
}  // namespace file_connector
