"""Every converter that HAProxy has, with what it makes of values there and here: one haproxy.cfg for both programs."""

import base64
import hmac
import os
import re
import subprocess
import unittest

from support.client import Client
from support.sample_table import BEGIN, DEFAULTS, TableCase, known_to_haproxy, rule
from support.server import reply

# Each is evaluated by both programs. Bytes are shown in hexadecimal. Left out is where HAProxy 2.6 has faults that later ones have not: it crashes
# on debug without an argument beside jwt_payload_query without one, which has no value there; two variables of jwt_verify are one; arrays
# that json_query finds have no value; secure_memcmp compares no numbers.
ROWS = r"""
int(7),add(3)
int(9223372036854775807),add(1)
str(12),add(txn.five)
str(abc),add(1)
int(12),and(10)
str(TG9yZW0=),b64dec
str(TG9yZW0),b64dec
str(!),b64dec
str(Lorem ipsum),base64
bin(00ff10),base64
str(),base64
int(0),bool
int(-3),bool
str(Lorem),bytes(2)
str(Lorem),bytes(1,2)
str(Lorem),bytes(9)
str(Lorem),bytes(2,9)
str(a),concat(<,txn.five,>)
str(a),concat(-,txn.none,+)
str(a),concat(-)
int(5),cpl
str(Lorem),capture-req(0)
str(Lorem),capture-req(7)
str(Lorem),capture-req(0),length
str(Lorem),crc32
str(Lorem),crc32(1)
str(Lorem),crc32c
str(Lorem),crc32c(1)
str("a\r\nb"),cut_crlf
str("ab\n"),cut_crlf
int(9),div(2)
int(9),div(0)
int(-9),div(2)
str(Lorem),djb2
str(Lorem),djb2(1)
int(2),even
int(3),even
str(a/b//c),field(2,/)
str(a/b//c),field(3,/)
str(a/b//c),field(-1,/)
str(a/b//c),field(2,/,2)
str(a/b//c),field(2,/,0)
str(a/b//c),field(9,/)
str(a/b/c),field(-2,/,2)
str(Lorem),hex
bin(00ff),hex
str(ff),hex2i
str(1F),hex2i
str(xyz),hex2i
str(www.Example.com:80),host_only
str([::1]:80),host_only
str([::1]),host_only
str(a),host_only
str(1.2.3.4:),host_only
int(258),htonl,hex
int(1),http_date
int(0),http_date(10)
int(1500),http_date(0,ms)
int(1500000),http_date(10,us)
bool(true),iif(yes,no)
bool(false),iif(yes,no)
int(3),iif(a,)
ipv4(1.2.3.4),ipmask(24)
ipv4(1.2.3.4),ipmask(255.255.0.0)
ipv6(2001:db8:1:2::1),ipmask(24,48)
ipv6(2001:db8:1:2::1),ipmask(24)
str('a"b\c'),json(utf8)
str(a/b),json(ascii)
bin(c3a9),json(utf8s)
bin(c3a9),json(utf8)
bin(c3),json(utf8p)
str(Lorem),length
str(),length
str(LoReM),lower
int(1514764800),ltime(%Y-%m-%d)
int(1514764800),ltime(%H,3600)
str(xxLorem),ltrim(x)
str(xx),ltrim(x)
int(9),mod(4)
int(9),mod(0)
int(-9),mod(4)
int(7),mul(6)
int(9223372036854775807),mul(2)
int(7),neg
int(0),not
int(5),not
int(3),odd
int(5),or(8)
str(www.example.com:8080),port_only
str([::1]:80),port_only
str([::1]),port_only
str(a),port_only
str(a:),port_only
str(foobar),regsub(o,x)
str(foobar),regsub(o,x,g)
str(FooBar),regsub(O,x,gi)
str(foobar),regsub(o*,-,g)
str(abc),regsub("(a)(b)","\2\1")
str(Loremxx),rtrim(x)
str(xx),rtrim(x)
str(Lorem),sdbm
str(Lorem),sdbm(1)
str(a),set-var(txn.tmp),upper
str(b),set-var(txn.tmp),unset-var(txn.tmp)
int(7),sub(9)
int(-9223372036854775807),sub(9)
str(TG9yZW0_-w),ub64dec,hex
str(TG9yZW0),ub64dec
bin(fbff),ub64enc
str(Lorem),ub64enc
str(LoReM),upper
str(a%20b+c),url_dec
str(a%20b+c?d+e),url_dec
str(a%20b+c),url_dec(1)
str(a%2),url_dec
str(a%zz),url_dec
str(a b/c?&=~-._),url_enc
str(a b),url_enc(query)
bin(c3a9),url_enc
int(1514764800),utime(%Y-%m-%dT%H:%M:%S)
int(1514764800),utime(%H,3600)
str(a/b//c),word(2,/)
str(a/b//c),word(3,/)
str(/a/b/),word(-1,/)
str(a/b//c),word(2,/,2)
str(a/b//c),word(2,/,0)
str(a/b//c),word(9,/)
str(a.b/c),word(2,./)
str(Lorem),wt6
str(Lorem),wt6(1)
int(5),xor(6)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_is_valid
bin(383d4649582e342e3201393d31380133353d410134393d6d650135363d796f750131303d30303101),fix_is_valid
bin(383d4649582e342e3201393d370133353d410134393d6d650135363d796f750131303d30353501),fix_is_valid
bin(383d4649582e392e3201393d31380133353d410134393d6d650135363d796f750131303d31313001),fix_is_valid
bin(383d4649582e342e3001393d31390133353d410134393d6d65013530303d796f750131303d31343601),fix_is_valid
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f75013130303031),fix_is_valid
bin(383d4649582e342e3201393d31380134393d6d650133353d410135363d796f750131303d31303501),fix_is_valid
bin(383d4649582e342e32016e6f20657175616c73207369676e20696e20746865207265737420617420616c6c),fix_is_valid
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(MsgType)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(msgtype)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(49)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(56)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(10001)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(35)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(10)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(9)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(8)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(1)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(BeginString)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),fix_tag_value(CheckSum)
bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f75013130303031),fix_tag_value(10)
bin(383d4649582e342e32016e6f20657175616c73207369676e20696e20746865207265737420617420616c6c),fix_tag_value(35)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(1,int32)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(1,uint64)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(1),hex
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(1,bool)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(2),hex
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(2,int32)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(3.1,int64)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(3),hex
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(4,fixed32)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(4,sfixed32)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(4),hex
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(5,fixed64)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(5,sfixed64)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(5),hex
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(6,float)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(7,double)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(8,sint32)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(8,sint64)
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(8),hex
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(9),hex
bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(1,double)
bin(0000000029089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),ungrpc(1,int32)
bin(0000000029089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),ungrpc(3.1,int64)
bin(0000000029089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),ungrpc(2),hex
bin(00000000290896011202),ungrpc(1,int32)
bin(08ffffffffffffffffffffff01),protobuf(1,int64)
bin(12ff68),protobuf(2)
bin(1205),protobuf(2)
bin(0b),protobuf(1)
bin(08ffffffffffffffffff01),protobuf(1,int64)
bin(0d0000),protobuf(1,fixed32)
str(),xxh3
str(Lo),xxh3(7)
str(Lorem),xxh3
str(Lorem),xxh3(7)
str(Lorem ipsum),xxh3(-7)
str(Lorem ipsum dolor sit amet),xxh3(7)
str(@200@),xxh3(7)
str(@700@),hex,xxh3(7)
str(@700@),hex,xxh3
str(@512@),hex,xxh3
str(Lorem),xxh32
str(Lorem),xxh32(7)
str(Lorem),xxh64
str(Lorem),xxh64(7)
str(a),add_item(",",txn.five)
str(a),add_item(",",txn.five,-z)
str(),add_item(",",txn.five)
str(a),add_item(",",txn.none)
str(abc),debug(x)
bin(01020304050607),be2dec(:,2)
bin(01020304050607),be2dec(:,2,1)
bin(01020304050607),be2dec(-,3)
bin(ffffffffffffffff),be2dec(:,8)
bin(01020304050607),be2hex(:,2)
bin(01020304050607),be2hex(:,2,1)
bin(01020304050607),be2hex(,2)
bin(01020304050607),be2hex
str(Lorem),digest(sha256),hex
str(Lorem),digest(md5),hex
str(Lorem),digest(sha512),hex
str(Lorem),hmac(sha256,a2V5),hex
str(Lorem),hmac(sha1,txn.key),hex
str(Lorem),hmac(sha1,txn.none),hex
str(Lorem),hmac(sha1,txn.bad),hex
str(Lorem),sha1,hex
str(Lorem),sha2,hex
str(Lorem),sha2(224),hex
str(Lorem),sha2(384),hex
str(Lorem),sha2(512),hex
bin(32996d179d),aes_gcm_dec(128,txn.nonce,txn.key,ts/dUfM+38ju4aN5u0X/FQ==)
bin(32996d179d),aes_gcm_dec(128,MDEyMzQ1Njc4OTAx,MDEyMzQ1Njc4OWFiY2RlZg==,ts/dUfM+38ju4aN5u0X/FQ==)
bin(32996d179d),aes_gcm_dec(128,txn.nonce,txn.key,AAAAAAAAAAAAAAAAAAAAAA==)
bin(32996d1700),aes_gcm_dec(128,txn.nonce,txn.key,ts/dUfM+38ju4aN5u0X/FQ==)
bin(32996d179d),aes_gcm_dec(128,txn.nonce,txn.key,txn.none)
bin(ce8fce28ac),aes_gcm_dec(192,txn.nonce,MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3,u3Ez5JXJY2g8D6ow0gTakQ==)
bin(06d10e3a42),aes_gcm_dec(256,txn.nonce,MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=,1shQKHqsi415HeRfGJv7tA==)
str('fr-FR, en;q=0.5'),language(en;fr)
str('fr-FR;q=0.3, en;q=0.5'),language(en;fr-FR;fr)
str('de, en;q=0'),language(en;fr,es)
str('de'),language(en;fr)
str('en-US'),language(en-US;en,fr)
str('en'),language(en-US;fr)
str('EN'),language(en)
str('fr; q = 0.7,en;q=0.71'),language(fr;en)
str('fr;level=1'),language(fr)
str(', ,en'),language(en)
str('fr x, en;q=0.1'),language(fr;en)
str(1),strcmp(txn.five)
str(5),strcmp(txn.five)
str(9),strcmp(txn.five)
str(55),strcmp(txn.five)
str(5),strcmp(txn.none)
str(secret),secure_memcmp(txn.secret)
str(Secret),secure_memcmp(txn.secret)
str(55),secure_memcmp(txn.secret)
var(txn.json),json_query($.a)
var(txn.json),json_query('$.a','int')
var(txn.json),json_query($.big)
var(txn.json),json_query('$.big','int')
var(txn.json),json_query($.f)
var(txn.json),json_query('$.f','int')
var(txn.json),json_query($.s)
var(txn.json),json_query($.b)
var(txn.json),json_query($.n)
var(txn.json),json_query($.l[1])
var(txn.json),json_query($.l[9])
var(txn.json),json_query($.o)
var(txn.json),json_query($.o.p[0].q)
var(txn.json),json_query($.o.none)
var(txn.json),json_query($.esc)
var(txn.json),json_query($.uni)
str(x),json_query($.a)
str('{"a":1'),json_query($.a)
var(txn.hs),jwt_header_query($.alg)
var(txn.hs),jwt_payload_query($.sub)
var(txn.hs),jwt_payload_query('$.exp','int')
var(txn.hs),jwt_payload_query($.none)
var(txn.hs),jwt_verify(HS256,secret)
var(txn.hs),jwt_verify(HS256,wrong)
var(txn.hs),jwt_verify(HS512,secret)
var(txn.hs),jwt_verify(HS256,txn.secret)
var(txn.hs),jwt_verify(txn.alg,secret)
var(txn.hs),jwt_verify(txn.secret,txn.secret)
var(txn.rs),jwt_verify(RS256,@rsa.pub@)
var(txn.rs),jwt_verify(RS512,@rsa.pub@)
var(txn.hs),jwt_verify(RS256,@rsa.pub@)
var(txn.es),jwt_verify(ES256,@ec.pub@)
var(txn.rs),jwt_verify(ES256,@ec.pub@)
str(a.b),jwt_verify(HS256,secret)
str(a),jwt_verify(HS256,secret)
str(a.b.c),jwt_verify(HS256,secret)
str(a.b.),jwt_verify(none,x)
str(a.b.c),jwt_verify(none,x)
str(/a/b),map(@strings@)
str(/a/b),map_str(@strings@)
str(/none),map_str(@strings@,other)
str(/none),map_str(@strings@)
str(/a/b),map_str_int(@numbers@)
str(/a/b),map_str_ip(@addresses@)
str(/a/b),map_beg(@strings@)
str(/a/bcd),map_beg(@strings@,x)
str(/a/bcd),map_beg_int(@numbers@)
str(/a/bcd),map_beg_ip(@addresses@)
str(x/a/b),map_end(@strings@)
str(x/a/b),map_end_int(@numbers@,7)
str(x/a/b),map_end_ip(@addresses@)
str(x/a/bc),map_sub(@strings@)
str(x/a/bc),map_sub_int(@numbers@)
str(x/a/bc),map_sub_ip(@addresses@)
str(/q/a/b),map_dir(@strings@)
str(/q/a/b),map_dir_int(@numbers@)
str(/q/a/b),map_dir_ip(@addresses@)
str(www.example.com),map_dom(@domains@)
str(www.example.com),map_dom_int(@domain_numbers@)
str(www.example.com),map_dom_ip(@domain_addresses@)
str(/aab),map_reg(@patterns@)
str(/none),map_reg(@patterns@,dflt)
str(/aab),map_reg_int(@pattern_numbers@)
str(/aab),map_reg_ip(@pattern_addresses@)
str(/aab),map_regm(@patterns@)
int(5),map_int(@ints@)
int(15),map_int(@ints@)
int(99),map_int(@ints@,none)
int(5),map_int_int(@int_ints@)
int(5),map_int_ip(@int_ips@)
ipv4(10.1.2.3),map_ip(@networks@)
ipv4(10.2.2.3),map_ip(@networks@)
ipv6(2001:db8::5),map_ip(@networks@)
ipv4(9.9.9.9),map_ip(@networks@,none)
ipv4(10.1.2.3),map_ip_int(@network_ints@)
ipv4(10.1.2.3),map_ip_ip(@network_ips@)
src,in_table(tab)
str(9.9.9.9),in_table(tab)
"""

# Files of maps: keys, then values.
FILES = {
    "strings": "/a/b one\n/a two\n# none\n/a/b three\n\n/c/d   four  words here  \n", "numbers": "/a/b 12\n/a 1\n", "addresses": "/a/b 192.0.2.1\n",
    "domains": "example.com found\nwww first\n", "domain_numbers": "example.com 3\n", "domain_addresses": "example.com ::1\n",
    "patterns": "^/(a+)(b) first-\\1-\\2\n^/ second\n", "pattern_numbers": "^/a+ 8\n", "pattern_addresses": "^/a+ 10.0.0.1\n",
    "ints": "5 five\n10:20 teen\n", "int_ints": "5 55\n", "int_ips": "5 10.5.5.5\n",
    "networks": "10.0.0.0/8 ten\n10.1.0.0/16 ten-one\n2001:db8::/32 doc\n", "network_ints": "10.0.0.0/8 10\n", "network_ips": "10.0.0.0/8 10.9.9.9\n",
}
JSON = r"""{"a": 4, "big": 9007199254740993, "f": 1.5e3, "s": "text", "b": true, "n": null, "l": [1, "two", [3]], "o": {"p": [{"q": "deep"}]},
 "esc": "a\"b\\\\c\\n", "uni": "\\u0041\\u00e9"}""".replace("\n", "")


def coded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")



# Converters that are in no table, and why.
EXCEPTIONS = {
    **dict.fromkeys(("mqtt_field_value", "mqtt_is_valid"), "not there yet: bytes of mode tcp"),
    **dict.fromkeys(("table_expire", "table_idle"), "of time that passes: haproxy_stick_test.py"),
    "capture-res": "of responses: test_captures_by_converters",
    **dict.fromkeys(("nbsrv", "srv_queue"), "of backends: haproxy_fetches_test.py"),
}

CFG = """
frontend web
    bind @web@
    declare capture request len 4
{begin}    http-request set-var(txn.five) int(5)
    http-request set-var(txn.key) str(MDEyMzQ1Njc4OWFiY2RlZg==)
    http-request set-var(txn.nonce) str(MDEyMzQ1Njc4OTAx)
    http-request set-var(txn.bad) str(!)
    http-request set-var(txn.secret) str(secret)
    http-request set-var(txn.alg) str(HS256)
    http-request set-var(txn.json) req.fhdr(x-json)
    http-request set-var(txn.hs) req.hdr(x-hs)
    http-request set-var(txn.rs) req.hdr(x-rs)
    http-request set-var(txn.es) req.hdr(x-es)
    http-request track-sc0 src table tab
{rules}    default_backend tab
backend tab
    stick-table type ip size 1k expire 1h store gpc0,gpc1,gpt0,conn_cnt,conn_cur,conn_rate(1h),sess_cnt,sess_rate(1h),http_req_cnt,http_req_rate(1h),\
http_err_cnt,http_err_rate(1h),http_fail_cnt,http_fail_rate(1h),bytes_in_cnt,bytes_out_cnt,gpc0_rate(1h),gpc1_rate(1h),bytes_in_rate(1h),\
bytes_out_rate(1h),server_id
    server none 127.0.0.1:1
"""


def rows(text):
    """@N@ stands for a text of N bytes."""
    return [re.sub(r"@(\d+)@", lambda size: ("Lorem ipsum " * 100)[:int(size[1])], line) for line in text.splitlines() if line]


def table_rows():
    """One of the client's entry for each converter of stick tables that is not about arrays, or about bytes, whose count is each program's own."""
    names = sorted(name for name, line in known_to_haproxy("cnv").items() if name.startswith("table_") and "(table" in line)
    return [f"src,{name}(tab)" for name in names if "bytes" not in name and name not in EXCEPTIONS]


class HaproxyConverters(TableCase):
    def sign(self, header, sign):
        signed = coded(b'{"typ":"JWT","alg":"%s"}' % header.encode()) + "." + coded(b'{"sub":"alice","exp":1700000000,"admin":true}')
        return signed + "." + coded(sign(signed.encode()))

    def test_captures_by_converters(self):
        server = self.server("s1", tls=None, handler=lambda request: reply("", fields=[("X-Said", "response")]))
        config = (f"{DEFAULTS}frontend web\n    bind @web@\n    declare capture request len 4\n    declare capture response len 5\n"
                  "    http-request set-var(txn.a) req.hdr(x-sent),capture-req(0)\n    http-response set-var(txn.b) res.hdr(x-said),capture-res(0)\n"
                  "    http-response set-header X-Kept %[capture.req.hdr(0)]-%[capture.res.hdr(0)]-%[var(txn.a)]-%[var(txn.b)]\n    default_backend app\n"
                  f"backend app\n    server s1 {server.address}\n")
        for process in self.both(config):
            with self.subTest(of=type(process).__name__), Client(process.port("web")) as client:
                client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Sent: request\r\n\r\n")
                self.assertEqual(client.response().get("X-Kept"), "requ-respo-request-response")

    def key(self, name, *arguments):
        """Paths of a private key and of the public one."""
        private, public = (os.path.join(self.folder, f"{name}.{kind}") for kind in ("key", "pub"))
        subprocess.run(["openssl", "genpkey", *arguments, "-out", private], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
        return private

    def openssl_sign(self, key, message):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=message, check=True, capture_output=True).stdout

    def tokens(self):
        rsa = self.key("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        ec = self.key("ec", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")

        def pair(message):
            der = self.openssl_sign(ec, message)  # a sequence of two integers
            first = der[4:4 + der[3]]
            second = der[6 + der[3]:]
            return b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in (first, second))

        return [("X-Hs", self.sign("HS256", lambda text: hmac.digest(b"secret", text, "sha256"))),
                ("X-Rs", self.sign("RS256", lambda text: self.openssl_sign(rsa, text))), ("X-Es", self.sign("ES256", pair)), ("X-Json", JSON)]

    def test_converters_make_of_values_what_they_make_in_haproxy(self):
        for name, text in FILES.items():
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)
        fields = self.tokens()
        table = [re.sub(r"@([\w.]+)@", lambda name: os.path.join(self.folder, name[1]), row) for row in rows(ROWS)] + table_rows()
        theirs, ours = self.both(DEFAULTS + CFG.format(begin=BEGIN, rules="".join(rule(i, row) for i, row in enumerate(table))))
        self.assert_same(table, *(self.values(process.port("web"), len(table), fields) for process in (ours, theirs)))

    def test_the_table_has_every_converter_that_haproxy_knows(self):
        named = {name for row in rows(ROWS) + table_rows() for name in re.findall(r",([a-z0-9_-]+)", row)}
        missing = {name for name in known_to_haproxy("cnv") if not re.match(r"table_(.*bytes|gp[ct](_rate)?$)", name)} - named
        self.assertEqual(missing, set(EXCEPTIONS))


if __name__ == "__main__":
    unittest.main()
