#include "lb/haproxy/check_rules.h"

#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/check_expect.h"
#include "lb/haproxy/check_words.h"

namespace reseal::haproxy {
namespace {

// ---- connect

void read_connect_port(CheckWords& words, config::CheckConnect& connect) {
  const std::string text = words.argument("a port");
  if (!text.empty())
    connect.port = static_cast<std::uint16_t>(
        words.translator.value_or(parse_number(text, 1, 65535), words.line, words.word, 1));
}

CheckStepDraft read_connect(CheckWords words) {
  CheckStepDraft draft;
  config::CheckConnect connect;
  connect.tls = false;
  connect.send_proxy = false;
  connect.alpn = config::CheckAlpn::kNone;
  for (; words.is_left(); ++words.word) {
    const std::string& name = words.text();
    if (name == "default") {
      draft.takes_default = true;
    } else if (name == "port") {
      read_connect_port(words, connect);
    } else if (name == "addr") {
      connect.host = words.argument("an address");
    } else if (name == "ssl") {
      connect.tls = true;
    } else if (name == "sni") {
      connect.sni = words.argument("a name");
    } else if (name == "alpn") {
      connect.alpn = check_alpn(words.argument("a list of protocols"));
    } else if (name == "send-proxy") {
      connect.send_proxy = true;
    } else if (name == "proto") {
      (void)words.argument("a protocol");
      words.translator.notice_once(words.line,
                                   "'proto' of a check has no effect: 'alpn' says what is spoken");
    } else if (name == "comment") {
      draft.step.comment = words.argument("a text");
    } else if (name != "linger") {  // connections of checks always end in order
      words.refuse(
          "of 'connect' default, port, addr, ssl, sni, alpn, send-proxy, linger and comment are there");
    }
  }
  draft.step.what = connect;
  return draft;
}

// ---- send

CheckStepDraft read_http_send(CheckWords words) {
  CheckStepDraft draft;
  draft.step.what = config::CheckRequest{};
  CheckSendDraft& send = draft.send;
  for (; words.is_left(); ++words.word) {
    const std::string& name = words.text();
    if (name == "meth") {
      send.method = words.argument("a method");
    } else if (name == "uri" || name == "uri-lf") {
      send.target = name == "uri" ? words.argument("a URI") : words.plain_format();
    } else if (name == "ver") {
      send.version = words.argument("a version such as HTTP/1.1");
    } else if (name == "hdr") {
      const std::string field = words.argument("the name of a field");
      send.fields.emplace_back(field, words.plain_format());
    } else if (name == "body" || name == "body-lf") {
      send.body = name == "body" ? words.argument("a text") : words.plain_format();
    } else if (name == "comment") {
      draft.step.comment = words.argument("a text");
    } else {
      words.refuse("of 'send' meth, uri, ver, hdr, body and comment are there");
    }
  }
  return draft;
}

CheckStepDraft read_tcp_send(CheckWords words, const std::string& kind) {
  CheckStepDraft draft;
  config::CheckSend send;
  --words.word;
  send.bytes = kind == "send-lf" ? words.plain_format() : words.argument("what is to be sent");
  if (kind == "send-binary") send.bytes = words.binary(send.bytes);
  ++words.word;
  for (; words.is_left(); ++words.word) {
    if (words.text() == "comment") {
      draft.step.comment = words.argument("a text");
    } else {
      words.refuse("'" + kind + "' is complete but for a comment; a text with blanks is to be quoted");
    }
  }
  draft.step.what = std::move(send);
  return draft;
}

/// A comment stands for the step that follows it.
void add(std::vector<CheckStepDraft>& steps, std::string& comment, CheckStepDraft draft) {
  if (draft.step.comment.empty()) draft.step.comment = std::move(comment);
  comment.clear();
  steps.push_back(std::move(draft));
}

}  // namespace

void begin_own_http_check(ProxyDraft& proxy) {
  if (!proxy.has_own_http_check) {
    proxy.check.http_steps.clear();
    proxy.check.httpchk = {};
  }
  proxy.has_own_http_check = true;
}

void begin_own_tcp_check(ProxyDraft& proxy) {
  if (!proxy.has_own_tcp_check) proxy.check.tcp_steps.clear();
  proxy.has_own_tcp_check = true;
}

void read_http_check(Translator& translator, const Line& line) {
  ProxyDraft& proxy = *translator.proxy;
  const std::string kind =
      translator.argument(line, 1, "connect, send, expect, disable-on-404 or send-state");
  CheckWords words{translator, line, 2};
  if (kind == "disable-on-404" || kind == "send-state") {
    (kind == "send-state" ? proxy.check.tells_state : proxy.check.drains_on_404) = true;
    translator.expect_end(line, 2);
    return;
  }
  begin_own_http_check(proxy);
  if (kind == "comment") {
    proxy.check_comment = translator.argument(line, 2, "a text");
  } else if (kind == "connect") {
    add(proxy.check.http_steps, proxy.check_comment, read_connect(words));
  } else if (kind == "send") {
    add(proxy.check.http_steps, proxy.check_comment, read_http_send(words));
  } else if (kind == "expect") {
    add(proxy.check.http_steps, proxy.check_comment, read_expect(words, true));
  } else if (!kind.empty()) {
    translator.error(line, 1, "'http-check " + kind + "' is not there: variables of checks are not kept");
  }
}

void read_tcp_check(Translator& translator, const Line& line) {
  ProxyDraft& proxy = *translator.proxy;
  const std::string kind = translator.argument(line, 1, "connect, send, send-binary or expect");
  CheckWords words{translator, line, 2};
  begin_own_tcp_check(proxy);
  if (kind == "comment") {
    proxy.check_comment = translator.argument(line, 2, "a text");
  } else if (kind == "connect") {
    add(proxy.check.tcp_steps, proxy.check_comment, read_connect(words));
  } else if (kind == "send" || kind == "send-binary" || kind == "send-lf") {
    add(proxy.check.tcp_steps, proxy.check_comment, read_tcp_send(words, kind));
  } else if (kind == "expect") {
    add(proxy.check.tcp_steps, proxy.check_comment, read_expect(words, false));
  } else if (!kind.empty()) {
    translator.error(
        line, 1,
        "'tcp-check " + kind + "' is not there: 'send', 'send-binary' and 'expect' are, without variables");
  }
}

}  // namespace reseal::haproxy
