// How values begin (and files end) that are no secrets, and what stands before such. Private to filters_reference.cc.
#pragma once

#include <string_view>

namespace keytrail::engine {

inline constexpr std::string_view kReferencePrefixes[] = {
    "arn:",
    "op://",
    "vault:",
    "vault://",
    "ref+",
    "secret://",
    "keyring:",
    "keychain:",
    "bws://",
    "doppler://",
    "infisical://",
    "akv://",
    "conjur:",
    "file:",
    "sm://",
    "berglas://",
    "gcpsecretmanager://",
    "/run/secrets/",
    "@Microsoft.KeyVault(",
    "ssm:",
    "env:",
    "env.",
    "!Ref ",
    "!Sub ",
    "!GetAtt ",
    "!ImportValue ",
    "!vault",
    "Fn::",
    "process.env",
    "import.meta.",
    "Deno.env",
    "os.environ",
    "os.getenv",
    "os.Getenv",
    "System.getenv",
    "ENV[",
    "ENV.fetch",
    "getenv(",
    "env(",
    "env!(",
    "secrets.",
    "credentials(",
    "#{",
    "%{",
    "<%",
    "<?",
    "{{",
    "{%",
    "{#",
    "((",
    "[[",
    "&lt;",
    "\\u003c",
    "\\x3c",
};

inline constexpr std::string_view kEncryptedPrefixes[] = {
    "ENC[",
    "ENC(",
    "$ANSIBLE_VAULT",
    "vault:v",
    "{cipher}",
    "{aes}",
    "secure:",
    "AQICAH",
    "AQECAH",
    "AQAAANCMnd8B",
    "01000000d08c9ddf",
    "age-encryption.org",
    "-----BEGIN AGE ENCRYPTED",
    "-----BEGIN PGP MESSAGE",
};

inline constexpr std::string_view kDigestPrefixes[] = {
    "sha256:", "sha1:", "md5:",    "sha512:", "sha384:", "sha256-", "sha384-", "sha512-",    "sha1-",  "h1:", "zh:",
    "SHA256:", "{SSHA", "{SHA",    "{CRYPT}", "{MD5}",   "$1$",     "$2a$",    "$2b$",       "$2y$",   "$5$", "$6$",
    "$7$",     "$y$",   "$argon2", "$pbkdf2", "pbkdf2:", "pbkdf2_", "scrypt:", "SCRAM-SHA-", "$apr1$", "$P$", "$S$",
};

// What stands directly before a digest of a lock file or of subresource integrity.
inline constexpr std::string_view kDigestLabels[] = {
    "h1:", "zh:", "sha1-", "sha256-", "sha384-", "sha512-", "sha1:", "sha256:", "sha384:", "sha512:", "md5:", "SHA256:",
};

inline constexpr std::string_view kPublicPrefixes[] = {
    "ssh-rsa ",
    "ssh-ed25519 ",
    "ecdsa-sha2-",
    "AAAAB3NzaC1",
    "AAAAC3NzaC1lZDI1",
    "AAAAE2VjZHNh",
    "-----BEGIN PUBLIC",
    "-----BEGIN RSA PUBLIC",
    "-----BEGIN CERT",
    "-----BEGIN X509",
    "-----BEGIN PGP PUBLIC",
    "-----BEGIN PGP SIG",
    "-----BEGIN SSH SIG",
    "-----BEGIN DH PARAM",
    "-----BEGIN EC PARAM",
    "MFkwEwYHKoZIzj0",
    "MCowBQYDK2VwAyEA",
    "age1",
    "npub1",
    "xpub",
    "ypub",
    "zpub",
    "pk_live_",
    "pk_test_",
    "sb_publishable_",
    "phc_",
    "ca-pub-",
    "GTM-",
    "sq0idp-",
    "sandbox-sq0idb-",
    "amzn1.application-oa2-client.",
    "NRJS-",
};

inline constexpr std::string_view kFilePrefixes[] = {
    "iVBORw0KGgo", "/9j/4",        "R0lGOD",  "UklGR",        "PHN2Zy", "PD94bWwg", "d09GMg",     "d09GRg",
    "AAEAAAA",     "T1RUTw",       "JVBERi0", "UEsDB",        "H4sI",   "KLUv/",    "QlpoO",      "/Td6WFoA",
    "N3q8rycc",    "AGFzbQ",       "f0VMR",   "TVqQAA",       "yv66vg", "SUQzB",    "T2dnUw",     "AAAAIGZ0eXA",
    "AAAAHGZ0eXA", "PCFET0NUWVBF", "data:",   "application/", "text/",  "image/",   "multipart/",
};

inline constexpr std::string_view kFileEndings[] = {
    ".md",  ".txt", ".json", ".yml",  ".yaml", ".xml", ".html", ".htm",  ".css", ".js",  ".ts",   ".tsx",        ".jsx",
    ".py",  ".rb",  ".go",   ".java", ".cs",   ".php", ".c",    ".h",    ".cc",  ".cpp", ".rs",   ".sh",         ".pem",
    ".key", ".crt", ".cer",  ".pub",  ".p12",  ".pfx", ".jks",  ".conf", ".cfg", ".ini", ".toml", ".env",        ".log",
    ".png", ".jpg", ".gif",  ".svg",  ".zip",  ".gz",  ".tar",  ".dll",  ".exe", ".sql", ".db",   ".properties",
};

}  // namespace keytrail::engine
