"""The requests and the expressions, formats and conditions that are evaluated for each of them."""

REQUESTS = {
    "plain": "GET /api/v1/items.json?a=1&b=two;c=3&a=4&empty=&flag HTTP/1.1\r\n"
             "Host: www.Example.com:8080\r\n"
             "X-List: one, two ,three\r\n"
             "x-list: four\r\n"
             "X-Quoted: \"a,b\", c\r\n"
             "X-Empty:\r\n"
             "X-Commas: ,a,,b,\r\n"
             "X-Num: 42abc\r\n"
             "X-Neg: -7\r\n"
             "X-Big: 99999999999999999999\r\n"
             "X-Forwarded-For: 10.1.2.3, 192.168.7.9\r\n"
             "X-Addr: 2001:db8::1\r\n"
             "X-Port: 10.9.8.7:1234\r\n"
             "X-Bracket: [2001:db8::5]\r\n"
             "X-Mixed: none, 10.1.1.1, bad\r\n"
             "X-Path: /////a///b/c/xzxyz/\r\n"
             "X-Escaped: a%20b+c%3d?x+y%2B\r\n"
             "X-BadEscape: a%2\r\n"
             "X-B64: aGVsbG8gd29ybGQ=\r\n"
             "X-Hex: 48656c6c6f\r\n"
             "X-Words: --alpha--beta-gamma--\r\n"
             "X-Fields: f1,f2,,f4\r\n"
             "X-Date: 1700000000\r\n"
             "X-Upper: MiXeD Case\r\n"
             "X-Cookie: a=1, b=2; c=3\r\n"
             "X-Latin: caf\xe9\r\n"
             "User-Agent: Mozilla/5.0 (X11, Linux) Test\r\n"
             "Cookie: session=abc; theme = dark ;session=def; quoted=\"a;b\"; empty=; lone; n=12x\r\n"
             "Cookie: other=x,y; theme=light\r\n"
             "\r\n",
    "star": "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n",
    "no query": "POST /static/images/png/logo/32x32.png HTTP/1.1\r\nHost: static.cdn.example.com\r\n"
                "Content-Length: 0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n",
    "old": "HEAD /index.html HTTP/1.0\r\nUser-Agent: curl/7.0\r\n\r\n",
    "parameters": "GET /foo;JSESSIONID=some_id;x=1?JSESSIONID=other&q=a%20b+c&=noname HTTP/1.1\r\nHost: [::1]:81\r\n\r\n",
    "odd method": "PURGE /a/b HTTP/1.1\r\nHost: x\r\n\r\n",
}

FETCHES = """
always_true always_false bool(true) bool(0) bool(TRUE) int(5) int(-5) int(+5) str(abc) str('a,b') str("a)b") str() ipv4(10.0.0.1)
ipv6(2001:DB8::1) bin(48656c6c6f) meth(GET) src dst dst_port method path pathq url query base baseq base32 url32 req.ver req_ver
req.proto_http fe_name ssl_fc ssl_fc_sni ssl_c_used ssl_fc_protocol nbproc proc fc_http_major unique-id
req.hdr(host) hdr(HOST) req.hdr(x-list) req.hdr(x-list,1) req.hdr(x-list,2) req.hdr(x-list,4) req.hdr(x-list,5) req.hdr(x-list,-1)
req.hdr(x-list,-3) req.hdr(x-list,-9) req.hdr(x-list,0) req.hdr(x-quoted) req.hdr(x-quoted,1) req.hdr(x-empty) req.hdr(x-commas,1)
req.hdr(x-commas,2) req.hdr(x-commas,3) req.hdr(x-commas,-1) req.hdr(none) req.hdr(user-agent)
req.fhdr(user-agent) req.fhdr(x-list) req.fhdr(x-list,1) req.fhdr(x-list,2) req.fhdr(x-list,-2) req.fhdr(x-empty)
req.hdr_cnt(x-list) req.hdr_cnt(x-commas) req.hdr_cnt(none) req.hdr_cnt(x-empty) req.hdr_cnt(x-quoted) hdr_cnt(host) req.fhdr_cnt(x-list)
req.fhdr_cnt(none) req.fhdr_cnt req.hdr_cnt
req.hdr_val(x-num) req.hdr_val(x-neg) req.hdr_val(x-upper) req.hdr_val(none) hdr_val(x-list) req.hdr_val(x-empty)
req.hdr_ip(x-forwarded-for) req.hdr_ip(x-forwarded-for,1) req.hdr_ip(x-forwarded-for,-2) req.hdr_ip(x-addr) req.hdr_ip(x-port)
req.hdr_ip(x-bracket) req.hdr_ip(x-mixed) req.hdr_ip(x-mixed,2) req.hdr_ip(none) hdr_ip(x-num) req.hdr_names req.hdr_names(-)
req.cook(session) req.cook(theme) req.cook(quoted) req.cook(empty) req.cook(lone) req.cook(none) req.cook req.cook(other) req.cook(Session)
cook(theme) cookie(session) req.cook_cnt req.cook_cnt(session) req.cook_cnt(none) req.cook_val(n) req.cook_val(theme)
urlp(a) urlp(b) urlp(c) urlp(empty) urlp(flag) urlp(none) urlp url_param(a) urlp_val(a) urlp_val(b) urlp(JSESSIONID) urlp(JSESSIONID,;)
urlp(x,;) urlp(q) urlp(Q) var(txn.none) var(txn.none,default) env(RESEAL_SURELY_NOT_SET)
""".split()
FETCHES.append("str(a\\ b)")

CHAINS = """
path,lower path,upper req.hdr(x-upper),lower req.hdr(x-upper),upper req.hdr(x-latin),upper path,length req.hdr(x-empty),length req.hdr(none),length
int(5),add(3) int(5),sub(8) int(6),mul(7) int(7),div(2) int(-7),div(2) int(7),div(0) int(7),mod(3) int(-7),mod(3) int(7),mod(0) int(5),neg int(0),neg
int(6),and(3) int(6),or(3) int(6),xor(3) int(5),cpl int(5),not int(0),not int(5),bool int(0),bool int(3),odd int(3),even int(4),even
int(9223372036854775807),add(1) int(-9223372036854775807),sub(5) int(9223372036854775807),mul(2) int(9223372036854775807),mul(-2)
int(-9223372036854775808),neg int(-9223372036854775808),div(-1) int(5),add(txn.none) str(7),add(1) str(x),add(1) str(7x),add(1) str(+7),add(1)
str(),add(1) str(-7),add(1) req.hdr(x-big),add(0) bool(true),add(1) req.hdr(x-num),add(1)
path,field(2,/) path,field(1,/) path,field(3,/) path,field(9,/) path,field(-1,/) path,field(-2,/) path,field(2,/,2) path,field(-2,/,2)
path,field(2,/,0) path,field(-1,/,0) path,field(-1,/,2) req.fhdr(x-fields),field(3,',') req.fhdr(x-fields),field(2,',',3) str(f1_f2_f3__f5),field(4,_)
str(f1_f2_f3__f5),field(5,_) str(f1_f2_f3__f5),field(2,_,0) str(f1_f2_f3__f5),field(2,_,2) str(f1_f2_f3__f5),field(-2,_) str(f1_f2_f3__f5),field(-2,_,3) str(f1_f2_f3__f5),field(-3,_,0)
path,word(1,/) path,word(2,/) path,word(9,/) path,word(-1,/) path,word(-2,/) path,word(1,/,2) path,word(2,/,0) path,word(-1,/,2) path,word(-2,/,0)
req.hdr(x-words),word(1,-) req.hdr(x-words),word(2,-) req.hdr(x-words),word(3,-) req.hdr(x-words),word(4,-) req.hdr(x-words),word(-1,-) req.hdr(x-words),word(2,-,2) req.hdr(x-words),word(2,-,0)
req.hdr(x-words),word(-1,-,2) req.hdr(x-words),word(-2,-,0) req.hdr(x-words),word(1,-,3) req.hdr(x-words),word(1,-,9)
str(f1_f2_f3__f5),word(4,_) str(f1_f2_f3__f5),word(2,_,0) str(f1_f2_f3__f5),word(3,_,2) str(f1_f2_f3__f5),word(-2,_,3) str(f1_f2_f3__f5),word(-3,_,0)
req.hdr(x-path),regsub('/+','/','g') req.hdr(x-path),regsub('/+','/') query,regsub([?;&]*,'') query,regsub([?;&]*,'',g) path,regsub(/api,/v2) path,regsub('(.)/','\\1-',g)
req.hdr(x-upper),regsub(mixed,X,i) req.hdr(x-upper),regsub([a-z],.,g) req.hdr(x-upper),regsub([a-z],.,gi) str(aaa),regsub(b*,-,g)
str(aaa),regsub(a*,-,g) str(abab),regsub(^a,x,g) path,regsub(nomatch,x) path,regsub('i','\\0\\0')
req.hdr(x-escaped),url_dec req.hdr(x-escaped),url_dec(1) req.hdr(x-badescape),url_dec str(a%41),url_dec str(%41),url_dec str(%zz),url_dec urlp(q),url_dec urlp(q),url_dec(1)
req.hdr(x-upper),url_enc req.hdr(x-latin),url_enc pathq,url_enc str(~-._),url_enc(query)
str(a\\b),json str(%0a%08%0c%0d%09%01%7f%1fz),url_dec,json(ascii) str(%c3%a9%e2%82%acx),url_dec,json(utf8) str(%c3%a9),url_dec,json str(a%ffb),url_dec,json(utf8)
str(a%ffb),url_dec,json(utf8s) str(a%c3),url_dec,json(utf8) str(a%c0%afb),url_dec,json(utf8) path,json req.fhdr(user-agent),json(utf8)
path,base64 str(),base64 str(a),base64 str(ab),base64 req.hdr(x-b64),b64dec str(aGVsbG8),b64dec str(!),b64dec str(YQ==),b64dec str(ab),ub64enc str(aGk),ub64dec str(_-8),ub64dec,hex
path,hex src,hex int(1),hex str(1f),hex2i str(zz),hex2i int(258),htonl,hex bin(00ff),hex bin(00ff),length
src,ipmask(24) src,ipmask(255.0.0.0) ipv4(10.1.2.3),ipmask(16) ipv4(10.1.2.3),ipmask(0) ipv6(2001:db8::ffff),ipmask(24,32) ipv6(2001:db8::1),ipmask(24) str(10.1.2.3),ipmask(8) req.hdr_ip(x-addr),ipmask(24,16)
req.hdr(host),host_only req.hdr(host),port_only str([::1]:80),host_only str([::1]:80),port_only str([::1]),host_only str([::1]),port_only str(a:),port_only str(127.0.0.1),host_only
path,djb2 path,sdbm path,crc32 path,crc32c path,xxh32 path,xxh64 path,djb2(1) path,sdbm(1) path,crc32(1) path,crc32c(1) path,xxh32(7) path,xxh64(7) str(),crc32 url,xxh64 req.fhdr(user-agent),xxh64 req.fhdr(user-agent),xxh32 src,xxh32
req.hdr_val(x-date),http_date req.hdr_val(x-date),http_date(60) int(1700000000000),http_date(0,ms) int(1700000000000000),http_date(0,us) req.hdr_val(x-date),utime(%Y-%m-%d) req.hdr_val(x-date),utime('%H:%M:%S',3600) int(0),http_date int(1700000000023),http_date(0,ms) str(1fz),hex2i str(),hex2i str(12345678901234567890),hex2i
path,bytes(2) path,bytes(2,3) path,bytes(0,0) path,bytes(99) path,bytes(3,99) path,ltrim(/) path,rtrim(nosj) path,rtrim(/) str(xxaxx),ltrim(x),rtrim(x) str(xx),ltrim(x) str(xx),rtrim(x)
str(a),concat(b) str(a),concat(b,,c) str(a),concat(b,txn.none,c) str(a),concat str(a),concat(',') str(a),add_item(-,,b) str(),add_item(-,,b) str(a),add_item(-,txn.none) str(a),add_item(',',txn.none,x)
bool(true),iif(y,n) bool(false),iif(y,n) int(5),iif(y,n) ssl_fc,iif(https,http) str(1),iif(y,n) str(0),iif(y,n)
str(a),strcmp(txn.none) str(x),set-var(txn.v1),upper src,set-var(txn.v2),ipmask(8) str(m),set-var(txn.v3),strcmp(txn.v3) str(a),set-var(txn.v3),concat(-,txn.v3,-)
str(a),set-var(txn.v3),add_item(',',txn.v3,x) int(4),set-var(txn.v4),mul(txn.v4),add(txn.v4) str(m),set-var(txn.v3),mul(txn.v3) str(m),set-var(txn.v3),secure_memcmp(txn.v3)
str(mm),set-var(txn.v3),field(1,x),rtrim(m),secure_memcmp(txn.v3) str(7),set-var(txn.v5),add(txn.v5) src,set-var(txn.v2),concat(:,txn.v2) src,set-var(txn.v6),add(txn.v6)
str(abc),set-var(txn.v7),bytes(0,2),strcmp(txn.v7) str(abcdef),set-var(txn.v7),bytes(0,2),strcmp(txn.v7) str(ab),set-var(txn.v7),concat(cdef),strcmp(txn.v7) str(abc),set-var(txn.v7),upper,strcmp(txn.v7) str(a),set-var(txn.v8),unset-var(txn.v8),concat(-,txn.v8)
method,lower src,length int(12345),length src,add(1) ipv6(::1),length bool(true),length ipv4(1.2.3.4),add(0) str(1.2.3.4),ipmask(32) int(16909060),ipmask(32) int(5),base64 bool(1),concat(x)
path,map(MAP) path,map(MAP,none) path,map_beg(BEG) path,map_beg(BEG,none) path,map_end(END,none) path,map_sub(SUB,none) path,map_dir(DIR,none) req.hdr(host),host_only,lower,map_dom(DOM,none) path,map_reg(REG,none) path,map_regm(REGM,none)
src,map_ip(IP,none) str(10.1.2.3),map_ip(IP,none) str(10.2.2.3),map_ip(IP,none) str(10.1.2.99),map_ip(IP,none) str(2001:db8::1),map_ip(IP,none) str(::ffff:10.1.2.3),map_ip(IP,none) str(11.0.0.1),map_ip(IP,none) path,map_str_int(INT,7) path,map_str_int(INT) int(80),map_int(NUM,none) int(1500),map_int(NUM,none) int(9),map_int(NUM,none) path,map_str_ip(ADDR,127.0.0.9) path,map_str(DUP,none)
path,map_end(END2,none) path,map_beg_int(BEGINT,0),add(1)
""".split()
# Words of their own that hold blanks.
CHAINS += ["str('a b c'),word(2,' ')", "str(a b),upper", "req.hdr(x-escaped),url_dec(1),url_enc", 'str("x,y)z"),length', "str('it\\'),length",
           "req.fhdr(user-agent),regsub(\"(Mozilla)/([0-9.]+).*\",\"\\2 \\1\")", "str(a\\tb),hex", "str(a\\nb),cut_crlf", "str(a\\qb)"]

FILES = {
    "MAP": "# comment\n/api/v1/items.json  the value  \n/other x\n",
    "BEG": "/ root\n/api api\n/api/v1 v1\n/static static\n",
    "END": "json first\nitems.json second\n.png png\n",
    "END2": "items.json second\njson first\n",
    "SUB": "v1 found\n/api other\nimages img\n",
    "DIR": "items.json no\nv1 dir\npng/logo logo\n",
    "DOM": "example.com dom\ncdn cdn\n",
    "REG": "^/api/.* api\n\\.png$ png\n",
    "REGM": "^/([a-z]+)/([a-z0-9]+)/ <\\2-\\1>\n",
    "IP": "10.0.0.0/8 ten\n10.1.0.0/16 ten-one\n10.1.2.3 host\n127.0.0.0/8 loop\n2001:db8::/32 doc\n",
    "INT": "/api/v1/items.json 12\n",
    "NUM": "80 http\n1000:2000 range\n",
    "ADDR": "/api/v1/items.json 192.0.2.1\n",
    "DUP": "/api/v1/items.json one\n/api/v1/items.json two\n",
    "BEGINT": "/api 41\n",
    "LIST": "# paths\n/api\n\n  /static/images\n/other\n",
    "HOSTS": "a.example\nWWW.example.com:8080\nstatic.cdn.example.com\n",
    "NETS": "10.0.0.0/8\n127.0.0.0/8\n::1\n",
    "MAPPED": "/api/v1/items.json value\n/a/b other\n",
}

ACLS = [
    ["is_api", "path_beg", "/api", "/v2"],
    ["is_static", "path_beg", "/static"],
    ["is_static", "path_end", ".png", ".gif"],
    ["is_www", "hdr_beg(host)", "-i", "www."],
]

CONDITIONS = [line.split() for line in """
TRUE
FALSE
!TRUE
! TRUE
!!TRUE
HTTP
HTTP_1.0
HTTP_1.1
HTTP_2.0
METH_GET
METH_POST
METH_HEAD
METH_OPTIONS
LOCALHOST
HTTP_CONTENT
HTTP_URL_SLASH
HTTP_URL_STAR
HTTP_URL_ABS
is_api
is_static
is_api is_www
is_api !is_www
!is_api or is_www
is_static || is_api METH_POST or METH_OPTIONS
{ path /api/v1/items.json }
{ path -i /API/V1/items.json }
{ path /API/V1/items.json }
{ path_beg /api }
{ path_beg api }
{ path_beg -i /API /x }
{ path_end .json .xml }
{ path_end -i .JSON }
{ path_dir api }
{ path_dir /v1 }
{ path_dir png/logo/ }
{ path_dir png }
{ path_dir ng }
{ path_sub v1/it }
{ path_sub -i V1/IT }
{ path_sub nothing }
{ path_dom items }
{ path_dom json }
{ path_len 18 }
{ path_len gt 10 }
{ path_len 1:5 }
{ path_reg ^/api/v[0-9]+/ }
{ path_reg -i ^/API }
{ path_reg ^api }
{ path_reg \\.(png|json)$ }
{ path -m reg ^/api }
{ path -m len ge 18 }
{ path -m found }
{ path_beg -m end .json }
{ path_beg,lower /api/v1/items.json }
{ path,lower -m beg /api }
{ hdr(host) www.Example.com:8080 }
{ hdr(host) -i www.example.com:8080 }
{ hdr(host) -m found }
{ hdr_dom(host) -i example.com }
{ hdr_dom(host) example }
{ hdr_dom(host) xample }
{ hdr_dom(host) -i .example.com. }
{ hdr_end(host) .com:8080 }
{ hdr_beg(host) -i www. static. }
{ hdr_sub(user-agent) -i mozilla }
{ hdr_sub(user-agent) Linux }
{ hdr_reg(user-agent) ^Mozilla/[45] }
{ hdr_len(x-empty) 0 }
{ hdr_len(x-empty) 1 }
{ hdr_cnt(x-list) 4 }
{ hdr_cnt(x-list) gt 3 }
{ hdr_cnt(x-list) lt 4 }
{ req.hdr(x-list) two }
{ req.hdr(x-list) five }
{ req.hdr(x-list) -m sub our }
{ req.hdr(x-list,1) two }
{ req.hdr(x-list,-1) four }
{ req.fhdr(x-list) two }
{ req.fhdr(x-list) four }
{ req.hdr(x-empty) -m found }
{ req.hdr(none) -m found }
!{ req.hdr(none) -m found }
{ req.hdr(none) -m str x } or { req.hdr(x-list) three }
{ req.hdr(x-list),length 3 }
{ req.hdr(x-list),length gt 5 }
{ hdr_val(x-num) 42 }
{ hdr_val(x-neg) lt 0 }
{ hdr_val(x-neg) -- -7 }
{ hdr_val(x-neg) :0 }
{ hdr_val(x-num) 1:41 43: }
{ hdr_val(x-num) 40:50 }
{ hdr_val(x-num) ge 42 }
{ hdr_val(x-num) gt 42 }
{ hdr_val(x-num) le 42 }
{ hdr_val(x-num) eq 41 eq 42 }
{ hdr_ip(x-forwarded-for) 10.0.0.0/8 }
{ hdr_ip(x-forwarded-for) 192.168.0.0/16 }
{ hdr_ip(x-forwarded-for,-1) 10.0.0.0/8 }
{ hdr_ip(x-mixed) 10.1.1.1 }
{ hdr_ip(x-addr) 2001:db8::/32 }
{ hdr_ip(x-addr) 2001:db9::/32 }
{ req.hdr(x-forwarded-for) -m ip 10.1.2.3 }
{ str(::ffff:10.1.2.3) -m ip 10.0.0.0/8 }
{ str(2002:0a01:0203::) -m ip 10.0.0.0/8 }
{ str(::10.1.2.3) -m ip 10.0.0.0/8 }
{ str(10.1.2.3) -m ip ::ffff:10.0.0.0/104 }
{ str(10.1.2.3) -m ip ::/0 }
{ str(10.1.2.3) -m ip 10.1.2.3/255.255.0.0 }
{ str(10.0.0.12) -m ip 10.12 }
{ str(10.12.0.0) -m ip 10.12 }
{ str(192.168.0.1) -m ip 192.168.1 }
{ str(10.9.9.9) -m ip 10.12/8 }
{ src 127.0.0.1 }
{ src 127.0.0.0/8 ::1 }
{ src -f NETS }
{ src 10.0.0.0/8 }
{ dst 127.0.0.0/8 }
{ dst_port gt 0 }
{ src_port 1:65535 }
{ ssl_fc }
!{ ssl_fc }
{ ssl_fc_sni -m found }
{ method GET }
{ method POST HEAD }
{ method PURGE }
{ method -i get }
{ method -m str GET }
{ method -m beg G }
{ url_beg / }
{ url_sub items }
{ url_dom items.json }
{ url * }
{ base www.Example.com:8080/api/v1/items.json }
{ base_beg www }
{ base_dom example }
{ base_reg json$ }
{ urlp(a) 1 }
{ urlp(a) 4 }
{ urlp(b) -i TWO }
{ urlp_beg(b) tw }
{ urlp_sub(b) wo }
{ urlp_reg(a) [0-9] }
{ urlp_len(empty) 0 }
{ urlp 3 }
{ urlp_val(a) gt 3 }
{ cook(session) abc }
{ cook(session) def }
{ cook(session) -m found }
{ cook(none) -m found }
{ cook_beg(theme) li }
{ cook_beg(theme) da }
{ cook_len(session) 3 }
{ req.cook_cnt(session) 2 }
{ req.cook_val(n) 12 }
{ query -m sub b=two }
{ query -m found }
{ query,length 0 }
{ int(5) 5 }
{ int(5) -m bool }
{ int(0) -m bool }
{ int(5) -m str 5 }
{ int(5) -m found }
{ int(-1) lt 0 }
{ bool(true) }
{ bool(false) }
{ bool(true) -m int 1 }
{ bool(true) -m str 1 }
{ str(1) -m bool }
{ str(0) -m bool }
{ str(x) -m bool }
{ str(12) -m int 12 }
{ str(1.2.3.4) -m str 1.2.3.4 }
{ src -m str 127.0.0.1 }
{ src -m beg 127. }
{ src -m len 9 }
{ src -m found }
{ path -m bin 2f617069 }
{ bin(48656c6c6f) -m bin 48656c6c6f }
{ bin(48656c6c6f) -m str Hello }
{ bin(48656c6c6f) -m sub ell }
{ always_true }
{ always_false }
{ path_beg -f LIST }
{ path -m beg -f LIST }
{ path -f LIST /api/v1/items.json }
{ path_beg -i -f LIST }
{ hdr(host) -f HOSTS }
{ hdr(host) -i -f HOSTS }
{ hdr(host) -m str -i -f HOSTS x }
{ path -M -f MAPPED }
{ path -u 3 /a/b }
{ path -n /a/b }
{ path -- /a/b -i }
{ path -i -- /A/B }
{ str(-i) -- -i }
{ var(txn.none) -m found }
{ var(txn.none) -m str x }
{ req.ver 1.1 }
{ req_ver 1.0 }
{ req.hdr(x-commas) -m len 0 }
{ req.hdr(x-quoted) "a,b" }
{ path,map_str(MAP) -m sub value }
{ path,map_str(MAP) -m found }
{ path,map_str_int(INT,0) gt 11 }
{ req.hdr(host),host_only,lower www.example.com }
{ req.hdr(host),lower,field(1,:) -m end .com }
{ str(a.b:c/d?e) -m dom b:c }
{ str(a.b:c/d?e) -m dom e }
{ str(/a//b) -m dir a }
{ str(/a/b/) -m dir a/b }
{ str(ab) -m sub a b }
{ str(ab) -m str a b ab }
{ str(aab) -m dom ab }
{ str(ab.aab.ab) -m dom -i AAB }
""".strip().split("\n")]

FORMATS = [
    "plain text", "100%% sure", "%[path]-%[method]", "https://%[req.hdr(host)]%[path]?x", "%{+Q}[path]", "%{+Q,+E}[str(a\\\"b)]", "%{+E}[str(a]b)]",
    "%{+Q}o %[path] %{-Q}[method]", "%{+X}[str(ab)]", "%[req.hdr(none)]", "<%[req.hdr(none)]>", "%[int(5)]%[int(6)]", "%[src]:%[dst_port]",
    "%[str(a%0ab),url_dec]", "%[str(a%0d%0ab%7f%c3%a9%09x),url_dec]", "%[bin(0041)]", "%[path,lower,upper]", "%[bool(true)]", "%[req.hdr(x-latin)]",
    "a]b", "{x}", "%[query,regsub([?;&]*,'')]!",
]

# What a server answers, and what is asked of it in the response's rules.
RESPONSE_STATUS = 404
RESPONSE_FIELDS = [
    ("X-List", "one, two ,three"), ("x-list", "four"), ("X-Num", "42"), ("X-Addr", "10.0.0.7"), ("Location", "https://a.example/x,y"),
    ("Set-Cookie", "sid=abc; Path=/; Expires=Wed, 09 Jun 2032 10:18:14 GMT"), ("Set-Cookie", "theme=dark; HttpOnly"), ("Set-Cookie", "sid=def"),
    ("X-Empty-Value", "\"\""),
]
RESPONSE_FORMATS = [f"%[{text}]" for text in """
status res.ver resp_ver res.hdr(x-list) res.hdr(x-list,1) res.hdr(x-list,-2) res.fhdr(x-list) res.fhdr(x-list,1) res.hdr(location) res.fhdr(location)
hdr(x-list) hdr(x-list,2) shdr(x-num) res.hdr_cnt(x-list) res.fhdr_cnt(x-list) shdr_cnt(set-cookie) res.hdr_val(x-num) shdr_val(x-num)
res.hdr_ip(x-addr) shdr_ip(x-addr) res.cook(sid) res.cook(theme) res.cook(none) res.cook res.cook_cnt res.cook_cnt(sid) scook(sid) scook_cnt(sid)
res.cook_val(sid) cookie(theme) cookie res.hdr(none) status,add(1) res.hdr(content-type),field(1,/) res.hdr(x-empty-value)
""".split()]
RESPONSE_CONDITIONS = [line.split() for line in """
{ status 404 }
{ status 200:399 }
{ status ge 400 }
{ status lt 400 }
{ res.hdr(x-list) two }
{ res.hdr(x-list) five }
{ shdr_beg(location) https:// }
{ shdr_dom(location) a.example }
{ shdr(x-num) 42 }
{ res.hdr(x-num) -m int gt 41 }
{ res.fhdr(location) -m end x,y }
{ scook(sid) abc }
{ scook(sid) def }
{ scook_beg(theme) da }
{ res.cook(sid) -m found }
{ res.cook(none) -m found }
{ shdr_len(x-list) 5 }
{ res.ver 1.1 }
{ resp_ver 1.0 }
""".strip().split("\n")]
