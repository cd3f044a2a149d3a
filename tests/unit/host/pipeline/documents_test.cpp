#include "pipeline/documents.hpp"

#include <gtest/gtest.h>

#include "../state/state_fixture.hpp"

namespace sluice::host {
namespace {

class DocumentsTest : public StateFixture {
 protected:
  DocumentsTest() {
    config_.name = "people";
    document_.fields = {{"name", "Ann"}};
    document_.sets["groups"] = {"a"};
  }
  void deliver(const std::string& key) {
    TargetRow row;
    row.key = key;
    row.sync = row_.id;
    row.owner = key;
    row.document = kept_document(state_, config_.write, document_);
    row.hash = "hash";
    state_.ledger().put_target(row_.object, row);
  }
  [[nodiscard]] Document known(const std::string& key) {
    return known_document(state_, *state_.ledger().find_target(row_.object, key));
  }

  SyncConfig config_;
  Document document_;
  SyncRow row_ = state_.sync("people", "rows");
};

TEST_F(DocumentsTest, AreKeptUnlessTheFileSaysOtherwise) {
  deliver("a");
  drop_documents(state_, config_, row_);
  EXPECT_EQ(known("a").fields.at("name").as_string(), "Ann");
}

TEST_F(DocumentsTest, WithoutThemOnlySetMembersStay) {
  config_.write.documents = false;
  deliver("a");
  EXPECT_TRUE(known("a").fields.empty());
  EXPECT_EQ(known("a").sets.at("groups").front(), "a");
}

TEST_F(DocumentsTest, ThoseFromBeforeGoOnceAndTheRestOfTheRowStays) {
  deliver("a");
  config_.write.documents = false;
  drop_documents(state_, config_, row_);
  EXPECT_TRUE(known("a").fields.empty());
  EXPECT_EQ(known("a").sets.at("groups").front(), "a");
  EXPECT_EQ(state_.ledger().find_target(row_.object, "a")->hash, "hash");
  config_.write.documents = true;
  deliver("b");
  drop_documents(state_, config_, row_);
  config_.write.documents = false;
  drop_documents(state_, config_, row_);
  EXPECT_TRUE(known("b").fields.empty());
}

}  // namespace
}  // namespace sluice::host
