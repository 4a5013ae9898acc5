/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and authorities that the openssl command made: how strict we are with others. */
#include "tests/unit/crypto/pki_lab.h"

#include "appliance/crypto/chain_memory.h"
#include "appliance/crypto/cms.h"

static struct lab lab;
static struct folder folder;
static struct sr_chain_memory *memory;

static int setup(void **state)
{
	struct sr_err err;

	(void)state;
	lab_open(&lab);
	folder_open(&folder);
	assert_ok(sr_chain_memory_new(&memory, &err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sr_chain_memory_free(memory);
	folder_close(&folder);
	lab_close(&lab);
	return 0;
}

/* Files for openssl: s.key, s.pem (the seal's), r.pem, e.key, e.pem (encryption only), content. */
static void give_openssl_everything(void)
{
	struct sr_err err;

	if (folder_run(&folder, "test -e s.key") == 0)
		return;
	assert_ok(sr_key_write(lab.seal_key, folder.fd, "s.key", NULL, &err));
	assert_ok(sr_key_write(lab.stamp_key, folder.fd, "t.key", NULL, &err));
	folder_put_cert(&folder, "s.pem", lab.seal);
	folder_put_cert(&folder, "t.pem", lab.stamp);
	folder_put_cert(&folder, "r.pem", lab.root);
	folder_put(&folder, "content", lab_bytes("content"));
}

static const struct {
	const char *why;
	const char *command; /* makes x.p7s */
	enum sr_status status;
} by_openssl[] = {
	{ "as ours",
	  "openssl cms -sign -binary -cades -nosmimecap -md sha256 -in content -signer s.pem -inkey "
	  "s.key "
	  "-certfile r.pem -outform DER -out x.p7s",
	  SR_OK },
	{ "with capabilities, without certificates",
	  "openssl cms -sign -binary -cades -nocerts -md sha256 -in content -signer s.pem -inkey "
	  "s.key "
	  "-outform DER -out x.p7s",
	  SR_OK },
	{ "without signing-certificate-v2",
	  "openssl cms -sign -binary -nosmimecap -md sha256 -in content -signer s.pem -inkey s.key "
	  "-outform DER -out x.p7s",
	  SR_TAMPERED },
	{ "without signed attributes",
	  "openssl cms -sign -binary -noattr -md sha256 -in content -signer s.pem -inkey s.key "
	  "-outform DER -out x.p7s",
	  SR_CORRUPT },
	{ "SHA-512",
	  "openssl cms -sign -binary -cades -md sha512 -in content -signer s.pem -inkey s.key "
	  "-outform DER -out x.p7s",
	  SR_CORRUPT },
	{ "SHA-1",
	  "openssl cms -sign -binary -cades -md sha1 -in content -signer s.pem -inkey s.key "
	  "-outform DER -out x.p7s",
	  SR_CORRUPT },
	{ "attached",
	  "openssl cms -sign -binary -cades -nodetach -md sha256 -in content -signer s.pem -inkey "
	  "s.key "
	  "-outform DER -out x.p7s",
	  SR_CORRUPT },
	{ "attached, in BER of indefinite length",
	  "openssl cms -sign -binary -cades -nodetach -stream -md sha256 -in content -signer s.pem "
	  "-inkey s.key -outform DER -out x.p7s",
	  SR_CORRUPT },
	{ "two signers",
	  "openssl cms -sign -binary -cades -md sha256 -in content -signer s.pem -inkey s.key "
	  "-signer t.pem -inkey t.key -outform DER -out x.p7s",
	  SR_CORRUPT },
	{ "signer named by key id",
	  "openssl cms -sign -binary -cades -keyid -md sha256 -in content -signer s.pem -inkey s.key "
	  "-outform DER -out x.p7s",
	  SR_CORRUPT },
	{ "an embedded certificate that nobody knows",
	  "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout u.key "
	  "-subj /CN=unknown -out u.pem && "
	  "openssl cms -sign -binary -cades -md sha256 -in content -signer s.pem -inkey s.key "
	  "-certfile u.pem -outform DER -out x.p7s",
	  SR_TAMPERED },
	{ "line ends canonicalised",
	  "printf 'a\\nb\\n' > lines && openssl cms -sign -cades -md sha256 -in lines -signer s.pem "
	  "-inkey s.key -outform DER -out x.p7s",
	  SR_TAMPERED },
	{ "PEM",
	  "openssl cms -sign -binary -cades -md sha256 -in content -signer s.pem -inkey s.key "
	  "-outform PEM -out x.p7s",
	  SR_CORRUPT },
	{ "encrypted instead of signed",
	  "openssl cms -encrypt -binary -aes-256-cbc -in content -outform DER -out x.p7s s.pem", SR_CORRUPT },
	{ "digested instead of signed",
	  "openssl cms -digest_create -binary -md sha256 -in content -outform DER -out x.p7s", SR_CORRUPT },
};

static void signatures_by_the_openssl_command(void **state)
{
	(void)state;
	give_openssl_everything();
	for (size_t i = 0; i < SR_COUNT(by_openssl); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
		struct sr_err err = { 0 };

		print_message("case: %s\n", by_openssl[i].why);
		folder_must(&folder, by_openssl[i].command);
		folder_get(&folder, "x.p7s", &signature);
		enum sr_status status = sr_cms_verify(sr_buf_bytes(&signature), lab_bytes("content"),
		                                      lab.roots, lab.chain, LAB_NOW_NS, NULL, &err);
		if (status != by_openssl[i].status)
			print_message("%s: %s\n", sr_status_name(status), err.text);
		assert_int_equal(status, by_openssl[i].status);
	}
}

/*
 * An authority that the openssl command made: root, a certificate below it and a revocation list, from 1
 * January 2026 on.  @extensions are those of the certificate.
 */
static void make_authority(const char *extensions)
{
	char command[2048];

	folder_must(&folder,
	            "rm -rf ca && mkdir ca && touch ca/index.txt && echo 01 > ca/serial && echo 01 > "
	            "ca/crlnumber\n"
	            "printf '%s\\n' '[ca]' 'default_ca=c' '[c]' 'database=ca/index.txt' 'serial=ca/serial' "
	            "'crlnumber=ca/crlnumber' 'default_md=sha256' 'policy=p' 'new_certs_dir=ca' "
	            "'default_startdate=20260101000000Z' 'default_enddate=20270101000000Z' 'default_days=1' "
	            "'private_key=ca/root.key' '[p]' 'commonName=supplied' '[crl]' "
	            "'authorityKeyIdentifier=keyid:always' '[root]' 'basicConstraints=critical,CA:TRUE' "
	            "'keyUsage=critical,keyCertSign,cRLSign' 'subjectKeyIdentifier=hash' '[req]' "
	            "'distinguished_name=dn' '[dn]' > ca/conf\n"
	            "for k in root s o; do openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "
	            "-out ca/$k.key && openssl req -new -config ca/conf -key ca/$k.key -subj /CN=$k -out "
	            "ca/$k.csr "
	            "|| exit 1; done\n"
	            "openssl ca -batch -config ca/conf -selfsign -extensions root -in ca/root.csr -out "
	            "ca/root.pem "
	            "-notext\n");
	snprintf(command, sizeof(command),
	         "printf '%%s\\n' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' %s > ca/ext\n"
	         "openssl ca -batch -config ca/conf -extfile ca/ext -in ca/s.csr -cert ca/root.pem -out "
	         "ca/s.pem "
	         "-notext && openssl ca -batch -config ca/conf -extfile ca/ext -in ca/o.csr -cert "
	         "ca/root.pem -out "
	         "ca/o.pem -notext && openssl ca -config ca/conf -gencrl -crlexts crl -crl_lastupdate "
	         "20260101000000Z -crl_nextupdate 20270101000000Z -cert ca/root.pem -out ca/crl.pem && "
	         "cat ca/root.pem ca/crl.pem > ca/others.pem && openssl cms -sign -binary -cades -md sha256 "
	         "-in content -signer ca/s.pem -inkey ca/s.key -outform DER -out x.p7s",
	         extensions);
	folder_must(&folder, command);
}

static enum sr_status verify_with(const struct sr_certs *roots, const struct sr_certs *others, int64_t at_ns)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	struct sr_err err = { 0 };

	folder_get(&folder, "x.p7s", &signature);
	enum sr_status status = sr_cms_verify(sr_buf_bytes(&signature), lab_bytes("content"), roots, others,
	                                      at_ns, NULL, &err);
	if (status != SR_OK)
		print_message("%s\n", err.text);
	return status;
}

/* What was verified before, of these or of other certificates, changes nothing. */
static enum sr_status verify_outside(int64_t at_ns)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	SR_CLEANUP(sr_certs_freep) struct sr_certs *roots = NULL;
	SR_CLEANUP(sr_certs_freep) struct sr_certs *others = NULL;
	SR_CLEANUP(sr_certs_freep) struct sr_certs *remembered = NULL;
	struct sr_err err;

	folder_get_certs(&folder, "ca/root.pem", &roots);
	folder_get_certs(&folder, "ca/others.pem", &others);
	folder_get(&folder, "ca/others.pem", &pem);
	assert_ok(sr_chain_memory_certs(memory, sr_buf_bytes(&pem), &remembered, &err));
	enum sr_status status = verify_with(roots, others, at_ns);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(verify_with(roots, remembered, at_ns), status);
	return status;
}

static void certificates_of_an_outside_authority(void **state)
{
	static const struct {
		const char *why, *extensions;
		enum sr_status status;
	} cases[] = {
		{ "signatures", "'keyUsage=critical,digitalSignature'", SR_OK },
		{ "nonRepudiation alone", "'keyUsage=nonRepudiation'", SR_OK },
		{ "encryption alone", "'keyUsage=critical,keyEncipherment'", SR_TAMPERED },
		{ "no key usage at all", "'basicConstraints=CA:FALSE'", SR_TAMPERED },
		{ "extended key usage", "'keyUsage=digitalSignature' 'extendedKeyUsage=emailProtection'",
		  SR_TAMPERED },
		{ "an unknown critical extension", "'keyUsage=digitalSignature' '1.2.3.4=critical,DER:0500'",
		  SR_TAMPERED },
	};

	(void)state;
	give_openssl_everything();
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		make_authority(cases[i].extensions);
		assert_int_equal(verify_outside(LAB_NOW_NS), cases[i].status);
	}
}

/* Revoke ca/@name.pem on 1 March 2026 and put a list of 2 March into ca/@list. */
static void revoke_cert(const char *name, const char *list)
{
	char command[1024];

	snprintf(command, sizeof(command),
	         "openssl ca -config ca/conf -revoke ca/%s.pem -cert ca/root.pem && "
	         "sed -i -E 's/^(R\t[^\t]*\t)[^\t]*/\\1260301000000Z/' ca/index.txt && "
	         "openssl ca -config ca/conf -gencrl -crlexts crl -crl_lastupdate 20260302000000Z "
	         "-crl_nextupdate 20270101000000Z -cert ca/root.pem -out ca/%s",
	         name, list);
	folder_must(&folder, command);
}

static void a_revoked_certificate_is_refused_from_its_day_on(void **state)
{
	const int64_t april_ns = LAB_BEGIN_NS + 100 * LAB_DAY_NS;

	(void)state;
	give_openssl_everything();
	make_authority("'keyUsage=critical,digitalSignature'");
	assert_int_equal(verify_outside(LAB_NOW_NS), SR_OK);
	assert_int_equal(verify_outside(april_ns), SR_OK);
	/* Another certificate on the list does no harm. */
	revoke_cert("o", "crl1.pem");
	folder_must(&folder, "cat ca/root.pem ca/crl1.pem > ca/others.pem");
	assert_int_equal(verify_outside(april_ns), SR_OK);

	revoke_cert("s", "crl2.pem");
	folder_must(&folder, "cat ca/root.pem ca/crl2.pem > ca/others.pem");
	assert_int_equal(verify_outside(april_ns), SR_TAMPERED);
	/* The older list beside it, whichever comes first, does not bring it back. */
	folder_must(&folder, "cat ca/crl.pem ca/root.pem ca/crl2.pem > ca/others.pem");
	assert_int_equal(verify_outside(april_ns), SR_TAMPERED);
	folder_must(&folder, "cat ca/crl2.pem ca/root.pem ca/crl.pem > ca/others.pem");
	assert_int_equal(verify_outside(april_ns), SR_TAMPERED);
	/* What was signed before stays good as of then, by the list of then. */
	assert_int_equal(verify_outside(LAB_NOW_NS), SR_OK);
}

static void a_list_forged_by_another_authority_revokes_nothing(void **state)
{
	const int64_t april_ns = LAB_BEGIN_NS + 100 * LAB_DAY_NS;

	(void)state;
	give_openssl_everything();
	make_authority("'keyUsage=critical,digitalSignature'");
	/* Same name, same serial numbers, another key. */
	folder_must(&folder, "cp -r ca good && cp x.p7s good.p7s");
	make_authority("'keyUsage=critical,digitalSignature'");
	revoke_cert("s", "crl2.pem");
	folder_must(&folder,
	            "cp ca/crl2.pem good/forged.pem && rm -rf ca && mv good ca && mv good.p7s x.p7s && "
	            "cat ca/root.pem ca/crl.pem ca/forged.pem > ca/others.pem");
	assert_int_equal(verify_outside(april_ns), SR_OK);
	/* Alone it is no list at all. */
	folder_must(&folder, "cat ca/root.pem ca/forged.pem > ca/others.pem");
	assert_int_equal(verify_outside(april_ns), SR_TAMPERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_by_the_openssl_command),
		cmocka_unit_test(certificates_of_an_outside_authority),
		cmocka_unit_test(a_revoked_certificate_is_refused_from_its_day_on),
		cmocka_unit_test(a_list_forged_by_another_authority_revokes_nothing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
