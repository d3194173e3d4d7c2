// Messages as they are met: what a browser asks for a page, what nginx answers.
#pragma once

#include <string_view>

namespace reseal::bench {

inline constexpr std::string_view kBrowserRequest =
    "GET /articles/2026/11/a-load-balancer?page=2&sort=newest HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"130\", \"Google Chrome\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: "
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Referer: https://www.example.com/articles/2026/11/?page=1\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "Cookie: session=4f1d2c9a8b7e6d5c4b3a29181706f5e4; theme=dark; consent=necessary\r\n"
    "\r\n";

/// What wrk and health checks send: the least that is a request.
inline constexpr std::string_view kShortRequest = "GET /1k HTTP/1.1\r\nHost: localhost:8443\r\n\r\n";

inline constexpr std::string_view kNginxResponseHead =
    "HTTP/1.1 200 OK\r\n"
    "Server: nginx/1.22.1\r\n"
    "Date: Mon, 30 Nov 2026 12:00:00 GMT\r\n"
    "Content-Type: text/html\r\n"
    "Content-Length: 1024\r\n"
    "Last-Modified: Mon, 30 Nov 2026 08:00:00 GMT\r\n"
    "Connection: keep-alive\r\n"
    "ETag: \"6567a1c0-400\"\r\n"
    "Accept-Ranges: bytes\r\n"
    "\r\n";

}  // namespace reseal::bench
