#include <algorithm>

#include "integration/yaml.hpp"

namespace sluice::host {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_space(char c) {
  return is_blank(c) || c == '\n' || c == '\r';
}

// Walks a scalar's decoded text and its source side by side and notes where the two stop running in
// step: at a line break, an escape, a doubled quote. Where they cannot be matched, later positions
// are close rather than exact.
class Alignment {
 public:
  Alignment(const YamlNode& scalar, const SourceText& source)
      : scalar_{scalar}, source_{source}, text_{source.text()}, at_{scalar.offset} {}

  ExpressionText run() {
    result_.text = scalar_.text;
    if (scalar_.style == ScalarStyle::Literal || scalar_.style == ScalarStyle::Folded) {
      block();
    } else {
      flow();
    }
    result_.at = result_.jumps.empty() ? scalar_.at : result_.jumps.front().second;
    if (!result_.jumps.empty()) result_.jumps.erase(result_.jumps.begin());
    return std::move(result_);
  }

 private:
  void jump() { result_.jumps.emplace_back(done_, source_.position(at_)); }

  [[nodiscard]] char value() const {
    return done_ < scalar_.text.size() ? scalar_.text[done_] : '\0';
  }
  [[nodiscard]] char source() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool more() const { return done_ < scalar_.text.size() && at_ < text_.size(); }

  // Plain and quoted scalars: a line break and the blanks around it become one space or n line
  // breaks.
  void flow() {
    if (scalar_.style != ScalarStyle::Plain) ++at_;
    jump();
    while (more()) {
      if (const std::size_t fold = fold_length(); fold > 0) {
        at_ += fold;
        skip_folded_value();
        jump();
      } else if (scalar_.style == ScalarStyle::DoubleQuoted && source() == '\\') {
        escape();
      } else if (source() == value()) {
        const bool doubled = scalar_.style == ScalarStyle::SingleQuoted && source() == '\'';
        at_ += doubled ? 2 : 1;
        ++done_;
        if (doubled) jump();
      } else {
        return;
      }
    }
  }

  // The length of the blanks and breaks at the source position when a line break is among them.
  [[nodiscard]] std::size_t fold_length() const {
    std::size_t end = at_;
    while (end < text_.size() && is_space(text_[end])) ++end;
    return text_.substr(at_, end - at_).find('\n') == std::string_view::npos ? 0 : end - at_;
  }

  void skip_folded_value() {
    if (value() == ' ') {
      ++done_;
      return;
    }
    while (value() == '\n') ++done_;
  }

  void escape() {
    const char kind = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    at_ += 2;
    if (kind == '\n' || kind == '\r') {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    } else {
      at_ += kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
      ++done_;
      while ((static_cast<unsigned char>(value()) & 0xC0U) == 0x80U) ++done_;
    }
    jump();
  }

  // Literal and folded scalars: the indentation is that of the first line with content.
  void block() {
    next_line();
    const std::size_t indent = indentation();
    while (at_ < text_.size()) {
      std::size_t skipped = 0;
      while (skipped < indent && source() == ' ') {
        ++at_;
        ++skipped;
      }
      if (skipped == indent || result_.jumps.empty()) jump();
      while (more() && source() != '\n' && source() == value()) {
        ++at_;
        ++done_;
      }
      if (done_ >= scalar_.text.size()) return;
      if (value() != '\n' && value() != ' ' && source() != '\n') return;
      next_line();
      if (value() == '\n' || (scalar_.style == ScalarStyle::Folded && value() == ' ')) ++done_;
    }
  }

  void next_line() { at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1; }

  [[nodiscard]] std::size_t indentation() const {
    std::size_t column = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      if (text_[i] == '\n') {
        column = 0;
      } else if (text_[i] == ' ') {
        ++column;
      } else if (text_[i] != '\r') {
        break;
      }
    }
    return column;
  }

  const YamlNode& scalar_;
  const SourceText& source_;
  std::string_view text_;
  std::size_t at_;
  std::size_t done_ = 0;
  ExpressionText result_;
};

}  // namespace

ExpressionText expression_text(const YamlNode& scalar, const SourceText& source) {
  return Alignment{scalar, source}.run();
}

std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t offset) {
  const char quote = text[offset];
  for (std::size_t i = offset + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return std::nullopt;
}

}  // namespace sluice::host
