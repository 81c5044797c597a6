#!/usr/bin/env python3
"""Prints scanner/engine/filters_sample_table.h: values that were published as samples, by their hash.

    sample_hashes.py > scanner/engine/filters_sample_table.h

Every value stands here in pieces that Python joins, so that no text of this file looks like a token to a scanner.
Of tokens with a public prefix only the body is listed, of JSON web tokens only the signature: the filter asks for these
parts too. Kinds: `sample` (never a secret of anyone), `digest` (of a known input), `public_value` (a public constant).
"""
import hashlib

SAMPLES = [
    ("sample", "AWS documentation secret keys", [
        "wJalrX" "UtnFEM" "I/K7MD" "ENG/bP" "xRfiCY" "EXAMPL" "EKEY",
        "wJalrX" "UtnFEM" "I/K7MD" "ENG+bP" "xRfiCY" "EXAMPL" "EKEY",
        "wJalrX" "UtnFEM" "I%2FK7" "MDENG%" "2FbPxR" "fiCYEX" "AMPLEK" "EY",
        "je7MtG" "bClwBF" "/2Zp9U" "tk/h3y" "Co8nvb" "EXAMPL" "EKEY",
    ]),
    ("sample", "Stripe documentation keys: bodies", [
        "4eC39H" "qLyjWD" "arjtT1" "zdp7dc",
        "BQokik" "JOvBiI" "2HlWgH" "4olfQ2",
        "26PHem" "9AhJZv" "U623Df" "E1x4sd",
        "TYooMQ" "auvdED" "q54NiT" "phI7jx",
        "6pRNAS" "CoBOKt" "IshFeQ" "d4XMUh",
    ]),
    ("sample", "Azurite and Cosmos DB emulator account keys", [
        "Eby8vd" "M02xNO" "cqFlqU" "wJPLlm" "EtlCDX" "J1OUzF" "T50uSR" "Z6IFsu" "Fq2UVE" "rCz4I6" "tq/K1S" "ZFPTOt"
        "r/KBHB" "eksoGM" "Gw==",
        "C2y6yD" "jf5/R+" "ob0N8A" "7Cgv30" "VRDJIW" "EHLM+4" "QDU5DE" "2nQ9nD" "uVTqob" "D4b8mG" "GyPMbI" "ZnqyMs"
        "EcaGQy" "67XIw/" "Jw==",
        "SAS_KE" "Y_VALU" "E",
        "devsto" "reacco" "unt1",
    ]),
    ("sample", "Flask documentation: secret keys", [
        "192b9b" "dd22ab" "9ed4d1" "2e236c" "78afcb" "9a393e" "c15f71" "bbf5dc" "987d54" "727823" "bcbf",
        "5f3523" "79324c" "224634" "51387a" "0aec5d" "2f",
    ]),
    ("sample", "GitHub documentation: bodies", [
        "16C7e4" "2F292c" "6912E7" "710c83" "8347Ae" "178B4a",
        "1B4a2e" "778383" "47a7E4" "20ce17" "8F2E7c" "6912E1" "69246c" "34E1cc" "bF66C4" "6812d1" "6D5B1A" "9Dc86A"
        "1498",
    ]),
    ("sample", "Discord documentation bot token", [
        "MTk4Nj" "IyNDgz" "NDcxOT" "I1MjQ4" ".Cl2FM" "Q.ZnCj" "m1XVW7" "vRze4b" "7Cq4se" "7kKWs",
    ]),
    ("sample", "Telegram documentation bot tokens, whole and without the id", [
        "123456" ":ABC-D" "EF1234" "ghIkl-" "zyx57W" "2v1u12" "3ew11",
        "ABC-DE" "F1234g" "hIkl-z" "yx57W2" "v1u123" "ew11",
        "110201" "543:AA" "HdqTcv" "CH1vGW" "JxfSeo" "fSAs0K" "5PALDs" "aw",
        "AAHdqT" "cvCH1v" "GWJxfS" "eofSAs" "0K5PAL" "Dsaw",
    ]),
    ("sample", "jwt.io and RFC 7515 tokens: signatures", [
        "SflKxw" "RJSMeK" "KF2QT4" "fwpMeJ" "f36POk" "6yJV_a" "dQssw5" "c",
        "KMUFsI" "DTnFmy" "G3nMiG" "M6H9FN" "FUROf3" "wh7Smq" "Jp-QV3" "0",
        "dBjftJ" "eZ4CVP" "-mB92K" "27uhbU" "JU1p1r" "_wW1gF" "WFOEjX" "k",
    ]),
    ("sample", "jwt.io and RFC 7515: keys", [
        "your-2" "56-bit" "-secre" "t",
        "your-3" "84-bit" "-secre" "t",
        "your-5" "12-bit" "-secre" "t",
        "a-stri" "ng-sec" "ret-at" "-least" "-256-b" "its-lo" "ng",
        "AyM1Sy" "sPpbyf" "DfgZld" "3umj1q" "zKObwV" "MkoqQ-" "EstJQL" "r_T-1q" "S0gZH7" "5aKtMN" "3Yj0iP" "S4hcgU"
        "uTwjAz" "Zr1Z9C" "Aow",
    ]),
    ("sample", "RFC 6749, 6750 and 7636 (OAuth)", [
        "mF_9.B" "5f-4.1" "JqM",
        "2YotnF" "ZFEjr1" "zCsicM" "WpAA",
        "tGzv3J" "OkF0XG" "5Qx2Tl" "KWIA",
        "SplxlO" "BeZQQY" "bYS6Wx" "SbIA",
        "gX1fBa" "t3bV",
        "czZCaG" "RSa3F0" "MzpnWD" "FmQmF0" "M2JW",
        "7Fjfp0" "ZBr1Kt" "DRbnfV" "dmIw",
        "E9Melh" "oa2Owv" "FrEMTJ" "guCHao" "eK1t8U" "RWbuGJ" "Sstw-c" "M",
    ]),
    ("sample", "Basic authentication: Aladdin of RFC 7617 and the usual pairs", [
        "QWxhZG" "Rpbjpv" "cGVuIH" "Nlc2Ft" "ZQ==",
        "QWxhZG" "RpbjpP" "cGVuU2" "VzYW1l",
        "dXNlcj" "pwYXNz",
        "dXNlcj" "pwYXNz" "d29yZA" "==",
        "dXNlcm" "5hbWU6" "cGFzc3" "dvcmQ=",
        "YWRtaW" "46YWRt" "aW4=",
        "YWRtaW" "46cGFz" "c3dvcm" "Q=",
        "Zm9vOm" "Jhcg==",
        "dGVzdD" "p0ZXN0",
        "cm9vdD" "pyb290",
        "Z3Vlc3" "Q6Z3Vl" "c3Q=",
    ]),
    ("sample", '"password" in base64', [
        "cGFzc3" "dvcmQ=",
    ]),
    ("sample", 'TOTP: "Hello!" and RFC 4226', [
        "JBSWY3" "DPEHPK" "3PXP",
        "GEZDGN" "BVGY3T" "QOJQGE" "ZDGNBV" "GY3TQO" "JQ",
        "GEZDGN" "BVGY3T" "QOJQ",
        "base32" "secret" "3232",
    ]),
    ("sample", "Hardhat and Anvil accounts 0 to 9", [
        "ac0974" "bec39a" "17e36b" "a4a6b4" "d238ff" "944bac" "b478cb" "ed5efc" "ae784d" "7bf4f2" "ff80",
        "59c699" "5e998f" "97a5a0" "044966" "f09453" "89dc9e" "86dae8" "8c7a84" "12f460" "3b6b78" "690d",
        "5de411" "1afa1a" "4b9490" "8f8310" "3eb1f1" "706367" "c2e68c" "a870fc" "3fb9a8" "04cdab" "365a",
        "7c8521" "18294e" "51e653" "712a81" "e05800" "f41914" "1751be" "58f605" "c371e1" "5141b0" "07a6",
        "47e179" "ec1974" "88593b" "187f80" "a00eb0" "da91f1" "b9d0b1" "3f8733" "639f19" "c30a34" "926a",
        "8b3a35" "0cf5c3" "4c9194" "ca8582" "9a2df0" "ec3153" "be0318" "b5e2d3" "348e87" "2092ed" "ffba",
        "92db14" "e403b8" "3dfe3d" "f233f8" "3dfa3a" "0d7096" "f21ca9" "b0d6d6" "b8d88b" "2b4ec1" "564e",
        "4bbbf8" "5ce337" "7467af" "e5d46f" "804f22" "1813b2" "bb87f2" "4d81f6" "0f1fcd" "bf7cbf" "4356",
        "dbda18" "21b805" "51c9d6" "593932" "925029" "8aa347" "2ba22f" "eea921" "c0cf5d" "620ea6" "7b97",
        "2a871d" "0798f9" "7d7984" "8a013d" "4936a7" "3bf4cc" "922c82" "5d33c1" "cf7073" "dff6d4" "09c6",
    ]),
    ("sample", "BIP 39 phrases of Hardhat, Truffle, Ganache and the test vectors", [
        "test t" "est te" "st tes" "t test" " test " "test t" "est te" "st tes" "t test" " junk",
        "abando" "n aban" "don ab" "andon " "abando" "n aban" "don ab" "andon " "abando" "n aban" "don ab" "andon "
        "abando" "n aban" "don ab" "out",
        "legal " "winner" " thank" " year " "wave s" "ausage" " worth" " usefu" "l lega" "l winn" "er tha" "nk yel"
        "low",
        "letter" " advic" "e cage" " absur" "d amou" "nt doc" "tor ac" "oustic" " avoid" " lette" "r advi" "ce cag"
        "e abov" "e",
        "zoo zo" "o zoo " "zoo zo" "o zoo " "zoo zo" "o zoo " "zoo zo" "o wron" "g",
        "candy " "maple " "cake s" "ugar p" "udding" " cream" " honey" " rich " "smooth" " crumb" "le swe" "et tre"
        "at",
        "myth l" "ike bo" "nus sc" "are ov" "er pro" "blem c" "lient " "lizard" " pione" "er sub" "mit fe" "male c"
        "ollect",
    ]),
    ("sample", "Bitcoin wiki sample key", [
        "5HueCG" "U8rMjx" "EXxiPu" "D5BDku" "4MkFqe" "Zyd4dZ" "1jvhTV" "qvbTLv" "yTJ",
    ]),
    ("sample", "reCAPTCHA, Turnstile and hCaptcha test keys", [
        "6LeIxA" "cTAAAA" "AJcZVR" "qyHh71" "UMIEGN" "Q_MXji" "ZKhI",
        "6LeIxA" "cTAAAA" "AGG-vF" "I1TnRW" "xMZNFu" "ojJ4Wi" "fJWe",
        "1x0000" "000000" "000000" "0000AA",
        "2x0000" "000000" "000000" "0000AB",
        "1x0000" "000000" "000000" "0000BB",
        "2x0000" "000000" "000000" "0000BB",
        "3x0000" "000000" "000000" "0000FF",
        "1x0000" "000000" "000000" "000000" "000000" "000AA",
        "2x0000" "000000" "000000" "000000" "000000" "000AA",
        "3x0000" "000000" "000000" "000000" "000000" "000AA",
        "100000" "00-fff" "f-ffff" "-ffff-" "000000" "000001",
        "0x0000" "000000" "000000" "000000" "000000" "000000" "000000",
    ]),
    ("sample", "MinIO defaults and its play server", [
        "minioa" "dmin",
        "Q3AM3U" "Q867SP" "QQA43P" "2F",
        "zuf+tf" "teSlsw" "Ru7BJ8" "6wekit" "nifILb" "Zam1KY" "Y3TG",
    ]),
    ("sample", "DynamoDB local", [
        "fakeMy" "KeyId",
        "fakeSe" "cretAc" "cessKe" "y",
    ]),
    ("sample", "Supabase local", [
        "super-" "secret" "-jwt-t" "oken-w" "ith-at" "-least" "-32-ch" "aracte" "rs-lon" "g",
    ]),
    ("sample", "Braintree sandbox", [
        "g42y39" "zw_348" "pk9cgf" "3bgyw2" "b",
        "sandbo" "x_g42y" "39zw_3" "48pk9c" "gf3bgy" "w2b",
    ]),
    ("sample", "Plaid sandbox", [
        "user_g" "ood",
        "pass_g" "ood",
    ]),
    ("sample", "Mailgun documentation", [
        "3ax6xn" "jp29jd" "6fds4g" "c373sg" "vjxteo" "l0",
        "key-3a" "x6xnjp" "29jd6f" "ds4gc3" "73sgvj" "xteol0",
    ]),
    ("sample", "Sample UUIDs: Heroku, Wikipedia, RFC 4122, WebSocket", [
        "012345" "67-89a" "b-cdef" "-0123-" "456789" "abcdef",
        "123456" "78-123" "4-1234" "-1234-" "123456" "789012",
        "123456" "78-123" "4-5678" "-1234-" "567812" "345678",
        "123e45" "67-e89" "b-12d3" "-a456-" "426614" "174000",
        "550e84" "00-e29" "b-41d4" "-a716-" "446655" "440000",
        "f47ac1" "0b-58c" "c-4372" "-a567-" "0e02b2" "c3d479",
        "014df5" "17-39d" "1-4453" "-b7b3-" "9930c5" "63627c",
        "6ba7b8" "10-9da" "d-11d1" "-80b4-" "00c04f" "d430c8",
        "6ba7b8" "11-9da" "d-11d1" "-80b4-" "00c04f" "d430c8",
        "6ba7b8" "12-9da" "d-11d1" "-80b4-" "00c04f" "d430c8",
        "6ba7b8" "13-9da" "d-11d1" "-80b4-" "00c04f" "d430c8",
        "6ba7b8" "14-9da" "d-11d1" "-80b4-" "00c04f" "d430c8",
    ]),
    ("sample", "RFC 8032 Ed25519 key 1", [
        "9d61b1" "9deffd" "5a60ba" "844af4" "92ec2c" "c44449" "c5697b" "326919" "703bac" "031cae" "7f60",
    ]),
    ("sample", "Framework defaults: Symfony, Express, Redis", [
        "ThisTo" "kenIsN" "otSoSe" "cretCh" "angeIt",
        "keyboa" "rd cat",
        "foobar" "ed",
    ]),
    ("digest", "Digests of the empty input", [
        "d41d8c" "d98f00" "b204e9" "800998" "ecf842" "7e",
        "da39a3" "ee5e6b" "4b0d32" "55bfef" "956018" "90afd8" "0709",
        "e3b0c4" "4298fc" "1c149a" "fbf4c8" "996fb9" "2427ae" "41e464" "9b934c" "a49599" "1b7852" "b855",
        "cf83e1" "357eef" "b8bdf1" "542850" "d66d80" "07d620" "e4050b" "5715dc" "83f4a9" "21d36c" "e9ce47" "d0d13c"
        "5d85f2" "b0ff83" "18d287" "7eec2f" "63b931" "bd4741" "7a81a5" "38327a" "f927da" "3e",
        "e69de2" "9bb2d1" "d6434b" "8b29ae" "775ad8" "c2e48c" "5391",
        "4b825d" "c642cb" "6eb9a0" "60e54b" "f8d692" "88fbee" "4904",
        "473a0f" "4c3be8" "a93681" "a267e3" "b1e9a7" "dcda11" "85436f" "e141f7" "749120" "a30372" "1813",
        "6ef19b" "41225c" "5369f1" "c104d4" "5d8d85" "efa9b0" "57b53b" "14b4b9" "b939dd" "74decc" "5321",
    ]),
    ("digest", "Digests of weak words", [
        hashlib.new(name, word.encode()).hexdigest()
        for name in ("md5", "sha1", "sha256")
        for word in ("password", "admin", "123456", "test", "secret", "root")
    ]),
    ("public_value", "secp256k1 order and generator", [
        "ffffff" "ffffff" "ffffff" "ffffff" "ffffff" "febaae" "dce6af" "48a03b" "bfd25e" "8cd036" "4141",
        "79be66" "7ef9dc" "bbac55" "a06295" "ce870b" "07029b" "fcdb2d" "ce28d9" "59f281" "5b16f8" "1798",
    ]),
    ("public_value", "WebSocket GUID, nonce and answer of RFC 6455", [
        "258EAF" "A5-E91" "4-47DA" "-95CA-" "C5AB0D" "C85B11",
        "dGhlIH" "NhbXBs" "ZSBub2" "5jZQ==",
        "s3pPLM" "BiTxaQ" "9kYGzz" "hZRbK+" "xOo=",
    ]),
    ("public_value", ".NET public key tokens", [
        "b77a5c" "561934" "e089",
        "b03f5f" "7f11d5" "0a3a",
        "31bf38" "56ad36" "4e35",
    ]),
    ("public_value", "Azure CLI and Microsoft Graph application ids", [
        "04b077" "95-8dd" "b-461a" "-bbee-" "02f9e1" "bf7b46",
        "000000" "03-000" "0-0000" "-c000-" "000000" "000000",
    ]),
]


def sieve_bit(value):
    """The position in the sieve: must stay what sieve_bit() in filters_samples.cc computes."""
    count = len(value)
    mix = value[0] + (value[count // 2] << 8) + (value[-1] << 16) + (count << 24)
    return (mix * 0x9E3779B1 & 0xFFFFFFFF) >> 21


def main():
    rows = []
    sieve = [0] * 32
    for kind, what, values in SAMPLES:
        for value in values:
            data = value.encode()
            bit = sieve_bit(data)
            sieve[bit // 64] |= 1 << bit % 64
            rows.append((int.from_bytes(hashlib.sha256(data).digest()[:8], "big"), kind, what))
    rows.sort()
    assert len({row[0] for row in rows}) == len(rows), "listed twice"
    print("// Generated by corpus/generators/sample_hashes.py; see there. By the first eight bytes of the SHA-256.")
    print("#pragma once\n\n#include <cstdint>\n\n#include \"scanner/engine/filters.h\"\n")
    print("namespace keytrail::engine {\n")
    print("struct KnownValue {\n  std::uint64_t hash;\n  Drop drop;\n};\n")
    print("// clang-format off\ninline constexpr KnownValue kKnownValues[] = {")
    for value, kind, what in rows:
        print(f"    {{0x{value:016x}, Drop::{kind}}},  // {what}")
    print("};\n\n// Which first, middle and last bytes and lengths they have: spares most others the hash.")
    print("inline constexpr std::uint64_t kKnownSieve[] = {")
    for at in range(0, len(sieve), 4):
        print("    " + " ".join(f"0x{word:016x}," for word in sieve[at:at + 4]))
    print("};\n// clang-format on\n\n}  // namespace keytrail::engine")


if __name__ == "__main__":
    main()
