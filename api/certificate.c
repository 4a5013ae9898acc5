/* SPDX-License-Identifier: Apache-2.0 */
#include "api/certificate.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"

#define LIFE_S (3650ll * 86400)

void sr_certificate_dispose(struct sr_certificate *certificate)
{
	sr_buf_dispose(&certificate->chain);
	sr_buf_dispose(&certificate->private);
}

/* --- making one ------------------------------------------------------------------------------------ */

struct making {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
};

static void making_dispose(struct making *making)
{
	if (making->crt)
		gnutls_x509_crt_deinit(making->crt);
	if (making->key)
		gnutls_x509_privkey_deinit(making->key);
}

static enum sr_status judge(int code, const char *what, struct sr_err *err)
{
	if (code < 0)
		return sr_fail(err, SR_IO, "cannot %s for https: %s", what, gnutls_strerror(code));
	return SR_OK;
}

static enum sr_status add_name(gnutls_x509_crt_t crt, gnutls_x509_subject_alt_name_t kind, const void *name,
                               size_t size, struct sr_err *err)
{
	return judge(
		gnutls_x509_crt_set_subject_alt_name(crt, kind, name, (unsigned)size, GNUTLS_FSAN_APPEND),
		"name the server", err);
}

/* An address of either family, without the brackets of an IPv6 one and the port. */
static enum sr_status add_address(gnutls_x509_crt_t crt, const char *listen, struct sr_err *err)
{
	char text[64];
	const char *colon = strrchr(listen, ':');
	const bool bracketed = listen[0] == '[';
	uint8_t address[16];

	snprintf(text, sizeof(text), "%.*s", colon ? (int)(colon - listen) - 2 * bracketed : 0,
	         listen + bracketed);
	if (inet_pton(AF_INET, text, address) == 1)
		return add_name(crt, GNUTLS_SAN_IPADDRESS, address, 4, err);
	if (inet_pton(AF_INET6, text, address) == 1)
		return add_name(crt, GNUTLS_SAN_IPADDRESS, address, 16, err);
	return text[0] ? add_name(crt, GNUTLS_SAN_DNSNAME, text, strlen(text), err) : SR_OK;
}

static enum sr_status add_names(gnutls_x509_crt_t crt, const char *listen, struct sr_err *err)
{
	static const uint8_t here[] = { 127, 0, 0, 1 };
	static const uint8_t here_6[16] = { [15] = 1 };
	char host[256] = "";

	SR_TRY(judge(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, "Strongroom", 10),
	             "name the server", err));
	SR_TRY(add_name(crt, GNUTLS_SAN_DNSNAME, "localhost", 9, err));
	SR_TRY(add_name(crt, GNUTLS_SAN_IPADDRESS, here, sizeof(here), err));
	SR_TRY(add_name(crt, GNUTLS_SAN_IPADDRESS, here_6, sizeof(here_6), err));
	if (gethostname(host, sizeof(host) - 1) == 0 && host[0])
		SR_TRY(add_name(crt, GNUTLS_SAN_DNSNAME, host, strlen(host), err));
	return add_address(crt, listen, err);
}

static enum sr_status fill_in(gnutls_x509_crt_t crt, struct sr_err *err)
{
	uint8_t serial[16];
	const time_t now = time(NULL);

	SR_TRY(sr_random_fill(serial, sizeof(serial), err));
	serial[0] = (serial[0] & 0x3f) | 0x40; /* positive, and of one length */
	SR_TRY(judge(gnutls_x509_crt_set_version(crt, 3), "fill in a certificate", err));
	SR_TRY(judge(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)), "fill in a certificate", err));
	SR_TRY(judge(gnutls_x509_crt_set_activation_time(crt, now - 3600), "fill in a certificate", err));
	SR_TRY(judge(gnutls_x509_crt_set_expiration_time(crt, now + LIFE_S), "fill in a certificate", err));
	SR_TRY(judge(gnutls_x509_crt_set_basic_constraints(crt, 0, -1), "fill in a certificate", err));
	SR_TRY(judge(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE),
	             "fill in a certificate", err));
	return judge(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0),
	             "fill in a certificate", err);
}

static enum sr_status take_pem(int code, gnutls_datum_t *pem, struct sr_buf *out, struct sr_err *err)
{
	enum sr_status status = judge(code, "write a certificate", err);

	if (status == SR_OK)
		status = sr_buf_add(out, pem->data, pem->size, err);
	if (pem->data) {
		gnutls_memset(pem->data, 0, pem->size);
		gnutls_free(pem->data);
	}
	return status;
}

static enum sr_status make(const char *listen, struct sr_certificate *out, struct sr_err *err)
{
	SR_CLEANUP(making_dispose) struct making making = { 0 };
	gnutls_datum_t pem = { 0 };

	SR_TRY(judge(gnutls_x509_privkey_init(&making.key), "make a key", err));
	SR_TRY(judge(gnutls_x509_privkey_generate(making.key, GNUTLS_PK_ECDSA,
	                                          GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
	             "make a key", err));
	SR_TRY(judge(gnutls_x509_crt_init(&making.crt), "make a certificate", err));
	SR_TRY(fill_in(making.crt, err));
	SR_TRY(add_names(making.crt, listen, err));
	SR_TRY(judge(gnutls_x509_crt_set_key(making.crt, making.key), "sign a certificate", err));
	SR_TRY(judge(gnutls_x509_crt_sign2(making.crt, making.crt, making.key, GNUTLS_DIG_SHA256, 0),
	             "sign a certificate", err));
	SR_TRY(take_pem(gnutls_x509_crt_export2(making.crt, GNUTLS_X509_FMT_PEM, &pem), &pem, &out->chain,
	                err));
	pem = (gnutls_datum_t){ 0 };
	return take_pem(gnutls_x509_privkey_export2_pkcs8(making.key, GNUTLS_X509_FMT_PEM, NULL,
	                                                  GNUTLS_PKCS_PLAIN, &pem),
	                &pem, &out->private, err);
}

/* --- finding one ----------------------------------------------------------------------------------- */

enum sr_status sr_certificate_own(int state_fd, const char *listen, struct sr_certificate *out,
                                  struct sr_err *err)
{
	out->private.secret = true;
	enum sr_status status =
		sr_fd_read_file(state_fd, SR_CERTIFICATE_KEY, SR_LIMIT_KEY_FILE_BYTES, &out->private, err);
	if (status == SR_OK)
		status = sr_fd_read_file(state_fd, SR_CERTIFICATE_FILE, SR_LIMIT_KEY_FILE_BYTES, &out->chain,
		                         err);
	if (status != SR_NOT_FOUND)
		return status;
	/* The certificate is written last: half of a first start is a first start again. */
	sr_certificate_dispose(out);
	out->private.secret = true;
	SR_TRY(make(listen, out, err));
	SR_TRY(sr_fd_write_file(state_fd, SR_CERTIFICATE_KEY, 0600, out->private.data, out->private.size,
	                        err));
	SR_TRY(sr_fd_write_file(state_fd, SR_CERTIFICATE_FILE, 0644, out->chain.data, out->chain.size, err));
	sr_log(SR_LOG_NOTICE, "a certificate for https was made; give your own with api.certificate and "
	                      "api.private_key");
	return SR_OK;
}

static enum sr_status read_whole(int fd, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int taken = fd;

	/* After a restart the descriptor stands where the last process left it. */
	if (lseek(taken, 0, SEEK_SET) < 0)
		return sr_fail_errno(err, "read the certificate for https");
	return sr_fd_read_to_end(taken, SR_LIMIT_KEY_FILE_BYTES, out, err);
}

enum sr_status sr_certificate_load(struct sr_front *front, struct sr_certificate *out, struct sr_err *err)
{
	const char *listen = sr_json_text(sr_front_options(front), "listen");
	SR_CLEANUP(sr_fd_closep) int state = sr_front_take_descriptor(front, "state");
	int chain = sr_front_take_descriptor(front, "certificate");
	int private = sr_front_take_descriptor(front, "private_key");

	if (chain < 0 || private < 0) {
		sr_fd_close(chain);
		sr_fd_close(private);
		if (chain >= 0 || private >= 0)
			return sr_fail(err, SR_INVALID,
			               "api.certificate and api.private_key go together in strongroom.conf");
		if (state < 0)
			return sr_fail(err, SR_INVALID, "the supervisor left no folder for a certificate");
		return sr_certificate_own(state, listen ? listen : "", out, err);
	}
	out->private.secret = true;
	enum sr_status status = read_whole(chain, &out->chain, err);
	if (status != SR_OK) {
		sr_fd_close(private);
		return status;
	}
	return read_whole(private, &out->private, err);
}

enum sr_status sr_certificate_texts(struct sr_certificate *certificate, const char **chain,
                                    const char **private_key, struct sr_err *err)
{
	SR_TRY(sr_buf_text(&certificate->chain, chain, err));
	return sr_buf_text(&certificate->private, private_key, err);
}
