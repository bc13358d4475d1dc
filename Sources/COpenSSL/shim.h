#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Functions for those parts of OpenSSL that are macros, which Swift cannot see.

// Allows TLS 1.2 and 1.3, with TLS 1.2 restricted to forward secrecy and authenticated encryption.
// Disables renegotiation and compression, and prefers the server's order of ciphers. A write may
// take part of its bytes and may be repeated from another address. Idle sessions release their
// record buffers. Returns 1 if every setting was accepted.
static inline int headserve_ssl_ctx_configure(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                                     | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                                  | SSL_MODE_RELEASE_BUFFERS);
    // Sessions are resumed by tickets, which cost the server no memory.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
           && SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

static inline int headserve_ssl_ctx_set_highest_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_max_proto_version(context, version);
}

// Makes every connection present its certificate, since sessions cannot be resumed.
static inline int headserve_ssl_ctx_disable_tickets(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(context, 0);
}

// Adds a certificate to the chain and takes a reference of its own to it.
static inline int headserve_ssl_ctx_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline void headserve_bio_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void headserve_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

#endif
