#include "sluice/error.hpp"

namespace sluice {

std::string_view to_string(Code code) noexcept {
  switch (code) {
    case Code::Ok:
      return "Ok";
    case Code::Config:
      return "Config";
    case Code::Auth:
      return "Auth";
    case Code::NotFound:
      return "NotFound";
    case Code::RateLimited:
      return "RateLimited";
    case Code::Transient:
      return "Transient";
    case Code::Rejected:
      return "Rejected";
    case Code::CursorInvalid:
      return "CursorInvalid";
    case Code::SchemaMismatch:
      return "SchemaMismatch";
    case Code::Cancelled:
      return "Cancelled";
    case Code::Unsupported:
      return "Unsupported";
    case Code::Internal:
      return "Internal";
  }
  return "Unknown";
}

}  // namespace sluice
