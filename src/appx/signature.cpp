// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/signature.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "appx/distinguished_name.h"
#include "appx/package_parts.h"

namespace cim::appx {
namespace {

constexpr std::string_view kIndirectData = "1.3.6.1.4.1.311.2.1.4";  // SPC_INDIRECT_DATA_OBJID
constexpr std::size_t kTagSize = 4;

struct Free {
  void operator()(PKCS7* message) const noexcept { PKCS7_free(message); }
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
  void operator()(unsigned char* bytes) const noexcept { OPENSSL_free(bytes); }
  // The certificates belong to the message.
  void operator()(STACK_OF(X509) * certificates) const noexcept { sk_X509_free(certificates); }
};

// A defect of a signature.
struct Fault {
  std::string text;
};

const unsigned char* octets(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Reads one value of DER after another.
class DerReader {
 public:
  explicit DerReader(ByteView bytes) : at_(octets(bytes)), end_(at_ + bytes.size()) {}

  // Enters the next value, which must have the universal tag.
  DerReader enter(int tag) { return DerReader(content(tag)); }

  // Returns the content of the next value.
  ByteView content(int tag) {
    const unsigned char* begin = at_;
    long size = 0;
    int found = 0;
    int type = 0;
    const int result = ASN1_get_object(&begin, &size, &found, &type, end_ - at_);
    if ((result & 0x81) != 0 || found != tag || type != V_ASN1_UNIVERSAL) {
      ERR_clear_error();
      throw Fault{"its content is not that of a package signature"};
    }
    at_ = begin + size;
    return std::as_bytes(std::span(begin, static_cast<std::size_t>(size)));
  }

 private:
  const unsigned char* at_;
  const unsigned char* end_;
};

std::string identifier_text(const ASN1_OBJECT* identifier) {
  std::string text(static_cast<std::size_t>(std::max(OBJ_obj2txt(nullptr, 0, identifier, 1), 0)),
                   '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()) + 1, identifier, 1);
  return text;
}

// Returns a string of a certificate as UTF-8, or its bytes in hexadecimal if it has no text.
std::string string_text(const ASN1_STRING* string) {
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, string);
  const std::unique_ptr<unsigned char, Free> owner(text);
  if (size < 0) {
    ERR_clear_error();
    return to_hex(std::as_bytes(std::span(ASN1_STRING_get0_data(string),
                                          static_cast<std::size_t>(ASN1_STRING_length(string)))));
  }
  return std::string(as_text(std::as_bytes(std::span(text, static_cast<std::size_t>(size)))));
}

std::string name_text(const X509_NAME* name) {
  DistinguishedName result;
  int set = -1;  // attributes of one number are joined
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
    const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
    const int own_set = X509_NAME_ENTRY_set(entry);
    result.push_back({identifier_text(X509_NAME_ENTRY_get_object(entry)),
                      string_text(X509_NAME_ENTRY_get_data(entry)), own_set == set});
    set = own_set;
  }
  return to_text(result);
}

std::string fingerprint(const X509* certificate) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  return X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1
             ? to_hex(std::as_bytes(std::span(digest)))
             : std::string();
}

using Certificates = std::unique_ptr<STACK_OF(X509), Free>;

// Returns the certificate of each signature in the message.
Certificates signers_of(PKCS7& message) {
  Certificates signers(PKCS7_get0_signers(&message, nullptr, 0));
  if (!signers || sk_X509_num(signers.get()) < 1) {
    ERR_clear_error();
    throw Fault{"it does not have the certificate of its signer"};
  }
  return signers;
}

void describe_signer(const X509* certificate, Signature& signature) {
  signature.signer = name_text(X509_get_subject_name(certificate));
  signature.issuer = name_text(X509_get_issuer_name(certificate));
  signature.fingerprint = fingerprint(certificate);
}

[[noreturn]] void fail_verification() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  const std::string text = reason == nullptr ? "it cannot be verified" : reason;
  ERR_clear_error();
  throw Fault{"it does not verify: " + text};
}

// Returns the bytes inside the content's SEQUENCE, which are what is signed.
ByteView signed_content(const PKCS7& message) {
  const PKCS7* const content = PKCS7_type_is_signed(&message) != 0 && message.d.sign != nullptr
                                   ? message.d.sign->contents
                                   : nullptr;
  std::array<char, 64> type{};
  if (content == nullptr ||
      OBJ_obj2txt(type.data(), static_cast<int>(type.size()), content->type, 1) <= 0 ||
      std::string_view(type.data()) != kIndirectData || content->d.other == nullptr ||
      content->d.other->type != V_ASN1_SEQUENCE) {
    throw Fault{"its content is not that of a package signature"};
  }
  const ASN1_STRING& sequence = *content->d.other->value.sequence;
  DerReader reader(
      std::as_bytes(std::span(sequence.data, static_cast<std::size_t>(sequence.length))));
  return reader.content(V_ASN1_SEQUENCE);
}

// Returns filters that have computed every digest that the message names.
std::unique_ptr<BIO, Free> digests_of(PKCS7& message, ByteView content) {
  std::unique_ptr<BIO, Free> source(
      BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  std::unique_ptr<BIO, Free> filters(source ? PKCS7_dataInit(&message, source.get()) : nullptr);
  if (!filters) {
    fail_verification();
  }
  static_cast<void>(source.release());  // now the last of the filters
  std::array<std::byte, 1024> buffer{};
  while (BIO_read(filters.get(), buffer.data(), static_cast<int>(buffer.size())) > 0) {
  }
  return filters;
}

// PKCS7_verify() does the same, but leaks memory if the message names an unknown digest.
void verify_message(PKCS7& message, const Certificates& signers, ByteView content) {
  const std::unique_ptr<BIO, Free> digests = digests_of(message, content);
  STACK_OF(PKCS7_SIGNER_INFO)* const signatures = PKCS7_get_signer_info(&message);
  for (int i = 0; i < sk_PKCS7_SIGNER_INFO_num(signatures); ++i) {
    if (PKCS7_signatureVerify(digests.get(), &message, sk_PKCS7_SIGNER_INFO_value(signatures, i),
                              sk_X509_value(signers.get(), i)) != 1) {
      fail_verification();
    }
  }
}

Bytes* digest_for(SignedDigests& digests, std::string_view tag) {
  return tag == "AXPC"   ? &digests.archive
         : tag == "AXCD" ? &digests.directory
         : tag == "AXCT" ? &digests.content_types
         : tag == "AXBM" ? &digests.block_map
         : tag == "AXCI" ? &digests.code_integrity
                         : nullptr;
}

// The object identifiers of SHA-256, SHA-384 and SHA-512 differ in their last byte.
DigestMethod method_in(DerReader algorithm) {
  const std::string_view id = as_text(algorithm.content(V_ASN1_OBJECT));
  static constexpr std::string_view kPrefix = "\x60\x86\x48\x01\x65\x03\x04\x02";
  if (id.size() == kPrefix.size() + 1 && id.starts_with(kPrefix)) {
    switch (id.back()) {
      case 1:
        return DigestMethod::kSha256;
      case 2:
        return DigestMethod::kSha384;
      case 3:
        return DigestMethod::kSha512;
      default:
        break;
    }
  }
  throw Fault{"its digests are of an unknown kind"};
}

// SpcIndirectDataContent: the kind of the data, and a DigestInfo whose digest is a list of tagged
// digests after "APPX".
SignedDigests digests_in(ByteView content) {
  DerReader reader(content);
  reader.content(V_ASN1_SEQUENCE);
  DerReader info = reader.enter(V_ASN1_SEQUENCE);
  SignedDigests digests;
  digests.method = method_in(info.enter(V_ASN1_SEQUENCE));
  const std::size_t size = digest_size(digests.method);
  ByteView list = info.content(V_ASN1_OCTET_STRING);
  if (list.size() < kTagSize || as_text(list.first(kTagSize)) != "APPX") {
    throw Fault{"its digests are not those of a package"};
  }
  list = list.subspan(kTagSize);
  while (!list.empty()) {
    if (list.size() < kTagSize + size) {
      throw Fault{"its digests are cut off"};
    }
    Bytes* const into = digest_for(digests, as_text(list.first(kTagSize)));
    if (into == nullptr || !into->empty()) {
      throw Fault{"its digests are not those of a package"};
    }
    append(*into, list.subspan(kTagSize, size));
    list = list.subspan(kTagSize + size);
  }
  return digests;
}

void parse(ByteView file, ParsedSignature& into) {
  if (file.size() < kTagSize || as_text(file.first(kTagSize)) != "PKCX") {
    throw Fault{"it does not start with PKCX"};
  }
  const ByteView der = file.subspan(kTagSize);
  const unsigned char* at = octets(der);
  const std::unique_ptr<PKCS7, Free> message(
      d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  if (!message) {
    ERR_clear_error();
    throw Fault{"it is not a PKCS #7 message"};
  }
  const ByteView content = signed_content(*message);
  const Certificates signers = signers_of(*message);
  describe_signer(sk_X509_value(signers.get(), 0), into.signature);
  verify_message(*message, signers, content);
  into.digests = digests_in(content);
  into.signature.is_valid = true;
}

void verify_part(ParsedSignature& parsed, const Bytes& expected, std::string_view name,
                 const PartDigest& part) {
  const auto found = part(name, parsed.digests.method);
  if (!found && expected.empty()) {
    return;
  }
  if (parsed.signature.is_valid && (!found || *found != expected)) {
    parsed.signature.is_valid = false;
    parsed.signature.fault = fmt::format(
        "{} {}", name, expected.empty() ? "is not signed" : "is not the file that was signed");
  }
}

}  // namespace

ParsedSignature parse_signature(ByteView file) {
  ParsedSignature parsed;
  try {
    parse(file, parsed);
  } catch (const Fault& fault) {
    parsed.signature.fault = fault.text;
  }
  return parsed;
}

void compare_with_publisher(Signature& signature, const std::string& publisher) {
  signature.matches_publisher = is_same_distinguished_name(signature.signer, publisher);
}

void verify_parts(ParsedSignature& parsed, const PartDigest& part) {
  verify_part(parsed, parsed.digests.block_map, kBlockMapName, part);
  verify_part(parsed, parsed.digests.content_types, kContentTypesName, part);
  verify_part(parsed, parsed.digests.code_integrity, kCodeIntegrityName, part);
}

}  // namespace cim::appx
