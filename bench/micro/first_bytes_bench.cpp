// What is read before any request: the PROXY protocol and the ClientHello.
#include <openssl/ssl.h>

#include <string>

#include "bench/micro/measuring.h"
#include "lb/net/proxy_protocol.h"
#include "tls/client_hello.h"
#include "tls/openssl_ptr.h"

namespace reseal::bench {
namespace {

void proxy_header(benchmark::State& state, net::ProxyVersion version) {
  net::ProxyHeader header;
  header.kind = net::ProxyHeader::Kind::kProxied;
  header.source = *net::Address::parse("192.0.2.7", 41234);
  header.destination = *net::Address::parse("198.51.100.1", 443);
  header.authority = "www.example.com";
  header.alpn = "h2";
  const std::string bytes = net::write_proxy_header(header, version);
  const CountAllocations counted(state);
  for (auto _ : state) {
    const net::ProxyParse parse = net::parse_proxy_header(bytes);
    require(parse.status == net::ProxyParse::Status::kComplete, "the PROXY header is refused");
    benchmark::DoNotOptimize(parse.header.source);
  }
  report_bytes(state, bytes.size());
}
BENCHMARK_CAPTURE(proxy_header, v1, net::ProxyVersion::kV1);
BENCHMARK_CAPTURE(proxy_header, v2, net::ProxyVersion::kV2);

/// What OpenSSL says first when it asks for a name and two protocols.
std::string hello_of_openssl() {
  const tls::SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  const tls::SslPtr ssl(SSL_new(context.get()));
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_tlsext_host_name(ssl.get(), "www.example.com");
  const std::string protocols = "\2h2\10http/1.1";
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned>(protocols.size()));
  SSL_connect(ssl.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl.get()), &data);
  return {data, static_cast<std::size_t>(size)};
}

void client_hello(benchmark::State& state) {
  const std::string bytes = hello_of_openssl();
  const CountAllocations counted(state);
  for (auto _ : state) {
    const tls::ClientHelloParse parse = tls::parse_client_hello(bytes);
    require(parse.hello.server_name == "www.example.com", "the ClientHello is refused");
  }
  report_bytes(state, bytes.size());
}
BENCHMARK(client_hello);

}  // namespace
}  // namespace reseal::bench
