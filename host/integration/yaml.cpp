#include "integration/yaml.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "integration/yaml_tree.hpp"

namespace sluice::host {
const YamlEntry* YamlNode::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const YamlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

namespace {

// yaml-cpp names the rule that broke; this says what a person most likely did.
YamlProblem explain(const YAML::Exception& e, const SourceText& source) {
  if (e.mark.is_null()) return {{}, "not valid YAML: " + e.msg, {}};
  const Position at = source.position(source.offset(e.mark.line, e.mark.column));
  for (const int number : {e.mark.line, e.mark.line - 1}) {
    const auto line = source.line(number);
    const auto indentation = line.substr(0, line.find_first_not_of(" \t"));
    const auto tab = number < 0 ? std::string_view::npos : indentation.find('\t');
    if (tab != std::string_view::npos) {
      return {{number + 1, static_cast<int>(tab) + 1},
              "a tab is used for indentation",
              "indent with spaces"};
    }
  }
  std::string hint;
  if (e.msg == YAML::ErrorMsg::MAP_VALUE) {
    hint = "check the indentation; a value that contains ': ' must stand in quotes";
  } else if (e.msg == YAML::ErrorMsg::UNKNOWN_TOKEN) {
    hint = "a value that starts with this character must stand in quotes";
  } else if (e.msg == YAML::ErrorMsg::END_OF_MAP || e.msg == YAML::ErrorMsg::END_OF_SEQ) {
    hint = "check the indentation of this line";
  } else if (e.msg == YAML::ErrorMsg::END_OF_MAP_FLOW) {
    const bool variable = source.line(e.mark.line).find("${") != std::string_view::npos;
    hint = variable ? "a { is not closed; inside { } a variable stands in quotes: \"${NAME}\""
                    : "a { is not closed";
  } else if (e.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
    hint = "a [ is not closed";
  } else if (e.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
    hint = "a value that starts with * must stand in quotes";
  }
  return {at, "not valid YAML: " + e.msg, hint};
}

bool is_break(char c) {
  return c == '\n' || c == '\r';
}

bool is_readable_text(const SourceText& source, Findings& findings) {
  const auto text = source.text();
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    findings.error({1, 1}, "the file is UTF-16", "save it as UTF-8");
    return false;
  }
  if (const auto bad = first_invalid_utf8(text)) {
    findings.error(source.position(*bad), "not valid UTF-8", "save the file as UTF-8");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && !is_break(c)) || byte == 0x7F;
  });
  if (control != text.end()) {
    findings.error(source.position(static_cast<std::size_t>(control - text.begin())),
                   "a control character", "remove it, or write it as an escape in double quotes");
    return false;
  }
  return true;
}

}  // namespace

std::optional<YamlDocument> parse_yaml(std::string_view text, Findings& findings) {
  if (text.size() > kMaxYamlBytes) {
    findings.error({}, "the file is larger than " + std::to_string(kMaxYamlBytes >> 20U) + " MiB",
                   "divide its syncs among several files");
    return std::nullopt;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::optional<YamlDocument> document{std::in_place, std::string{text}};
  if (!is_readable_text(document->source(), findings)) return std::nullopt;
  try {
    std::istringstream in{std::string{text}};
    YAML::Parser parser{in};
    TreeBuilder builder{*document, findings};
    while (parser.HandleNextDocument(builder)) {
    }
    if (document->has_root() && document->root().kind != YamlNode::Kind::Null) {
      return document;
    }
    findings.error({}, "the file is empty", {});
  } catch (const YamlProblem& problem) {
    findings.error(problem.at, problem.message, problem.hint);
  } catch (const YAML::Exception& e) {
    const auto problem = explain(e, document->source());
    findings.error(problem.at, problem.message, problem.hint);
  }
  return std::nullopt;
}

std::optional<YamlDocument> parse_yaml_file(const std::string& path, Findings& findings) {
  const auto fail = [&](const std::string& message, std::string hint = {}) {
    findings.error({}, message, std::move(hint));
    return std::nullopt;
  };
  std::error_code ec;
  const auto status = std::filesystem::status(path, ec);
  if (status.type() == std::filesystem::file_type::not_found) return fail("no such file");
  if (ec) return fail("cannot be read: " + ec.message());
  if (std::filesystem::is_directory(status)) return fail("is a directory, not a file");
  std::ifstream in{path, std::ios::binary};
  if (!in) return fail("cannot be read", "check its owner and permissions");
  std::string text(kMaxYamlBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return fail("cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_yaml(text, findings);
}

}  // namespace sluice::host
