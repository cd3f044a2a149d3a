// The SDK's version: semantic, independent of the ABI's (abi.h) and of the connectors'.
#pragma once

namespace sluice {

inline constexpr char kSdkVersion[] = "0.1.0";

}  // namespace sluice
