#include "serve/dashboard.hpp"

#include <web/assets.hpp>

namespace sluice::host::serve {

std::optional<Reply> dashboard_file(const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  const web::Asset* asset = web::find_asset(request.path);
  if (asset == nullptr) return std::nullopt;
  Reply reply;
  reply.type = asset->type;
  const std::string mark = "\"" + std::string{asset->sha256.substr(0, 32)} + "\"";
  reply.headers = {
      {"Content-Security-Policy", std::string{web::kContentSecurityPolicy}},
      {"Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"ETag", mark},
      {"Vary", "Accept-Encoding"}};
  if (request.header("if-none-match").find(mark) != std::string::npos) {
    reply.status = 304;
    return reply;
  }
  // The server packs what the browser takes packed.
  reply.body = asset->content;
  return reply;
}

}  // namespace sluice::host::serve
