// What the service speaks TLS with.
#pragma once

#include <filesystem>

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace sluice::host::serve {

// Lets `context` speak TLS 1.2 and 1.3 with this certificate, which the rest of its chain may
// follow, and its key: PEM files. Errors: Error{Config} that names the file, says what is wrong
// with it and what to do. Warns of a certificate that is not valid at this moment.
void set_up_tls(ssl_ctx_st& context, const std::filesystem::path& certificate,
                const std::filesystem::path& key);

}  // namespace sluice::host::serve
