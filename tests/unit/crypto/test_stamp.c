/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps of the built-in authority and of authorities that the openssl command plays. */
#include "tests/unit/crypto/pki_lab.h"

#include "appliance/crypto/cms.h"
#include "appliance/crypto/stamp.h"

static const char data_text[] = "what is stamped";

static struct lab lab;
static struct folder folder;

static int setup(void **state)
{
	struct sr_err err;

	(void)state;
	lab_open(&lab);
	folder_open(&folder);
	assert_ok(sr_key_write(lab.root_key, folder.fd, "root.key", NULL, &err));
	assert_ok(sr_key_write(lab.stamp_key, folder.fd, "stamp.key", NULL, &err));
	folder_put_cert(&folder, "root.pem", lab.root);
	folder_put_cert(&folder, "stamp.pem", lab.stamp);
	folder_put(&folder, "data", lab_bytes(data_text));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_close(&folder);
	lab_close(&lab);
	return 0;
}

static void stamp(int64_t now_ns, struct sr_buf *out)
{
	const struct sr_stamper stamper = { .key = lab.stamp_key, .cert = lab.stamp, .chain = lab.roots };
	struct sr_err err;

	assert_ok(sr_stamp_make(&stamper, lab_bytes(data_text), now_ns, out, &err));
}

static enum sr_status verify(struct sr_bytes response)
{
	int64_t time_ns;
	struct sr_err err;

	return sr_stamp_verify(response, lab_bytes(data_text), lab.roots, lab.chain, &time_ns, &err);
}

static void every_flipped_bit_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };

	(void)state;
	stamp(LAB_NOW_NS, &response);
	assert_int_equal(verify(sr_buf_bytes(&response)), SR_OK);
	for (size_t bit = 0; bit < 8 * response.size; bit++) {
		response.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		enum sr_status status = verify(sr_buf_bytes(&response));

		if (status != SR_CORRUPT && status != SR_TAMPERED)
			print_message("%s: bit %zu of byte %zu of %zu\n", sr_status_name(status), bit % 8,
			              bit / 8, response.size);
		assert_true(status == SR_CORRUPT || status == SR_TAMPERED);
		response.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
}

static void every_truncation_and_every_byte_behind_is_corrupt(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
	struct sr_err err;

	(void)state;
	stamp(LAB_NOW_NS, &response);
	for (size_t size = 0; size < response.size; size++) {
		int64_t time_ns;

		assert_int_equal(verify((struct sr_bytes){ response.data, size }), SR_CORRUPT);
		assert_int_equal(sr_stamp_peek((struct sr_bytes){ response.data, size }, &time_ns, &err),
		                 SR_CORRUPT);
	}
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t behind = (uint8_t)byte;

		assert_ok(sr_buf_add(&response, &behind, 1, &err));
		assert_int_equal(verify(sr_buf_bytes(&response)), SR_CORRUPT);
		response.size--;
	}
}

static void a_stamp_is_over_its_data_alone(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
	int64_t time_ns;
	struct sr_err err;

	(void)state;
	stamp(LAB_NOW_NS, &response);
	assert_int_equal(sr_stamp_verify(sr_buf_bytes(&response), lab_bytes("something else"), lab.roots,
	                                 lab.chain, &time_ns, &err),
	                 SR_TAMPERED);
}

static void the_time_is_in_whole_seconds_and_two_stamps_differ(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf first = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf second = { 0 };
	int64_t time_ns;
	struct sr_err err;

	(void)state;
	stamp(LAB_NOW_NS + SR_SECOND_NS - 1, &first);
	stamp(LAB_NOW_NS + SR_SECOND_NS - 1, &second);
	assert_ok(sr_stamp_peek(sr_buf_bytes(&first), &time_ns, &err));
	assert_true(time_ns == LAB_NOW_NS);
	assert_true(first.size != second.size || memcmp(first.data, second.data, first.size) != 0);
}

static void openssl_reads_policy_time_and_digests_as_specified(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };

	(void)state;
	stamp(LAB_NOW_NS, &response);
	folder_put(&folder, "x.tsr", sr_buf_bytes(&response));
	folder_must(&folder, "openssl ts -reply -in x.tsr -text > text && grep -q 'Status: Granted' text && "
	                     "grep -q 'Hash Algorithm: sha256' text && grep -q 'Policy OID: " SR_STAMP_POLICY
	                     "' text && grep -q 'Time stamp: Jan 31 00:00:00 2026 GMT' text");
	folder_must(&folder,
	            "openssl ts -reply -in x.tsr -token_out -out x.tst && openssl asn1parse -inform DER "
	            "-in x.tst | grep -q signingCertificateV2");
}

static void the_certificate_must_be_valid_at_gen_time(void **state)
{
	static const struct {
		const char *why;
		int64_t at_ns;
		enum sr_status status;
	} cases[] = {
		{ "first second", LAB_BEGIN_NS, SR_OK },
		{ "a second before", LAB_BEGIN_NS - SR_SECOND_NS, SR_TAMPERED },
		{ "after five years", LAB_BEGIN_NS + (5 * 365 + 2) * LAB_DAY_NS, SR_TAMPERED },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };

		print_message("case: %s\n", cases[i].why);
		stamp(cases[i].at_ns, &response);
		assert_int_equal(verify(sr_buf_bytes(&response)), cases[i].status);
	}
}

static void only_a_stamp_certificate_makes_stamps(void **state)
{
	const struct sr_stamper stampers[] = {
		{ .key = lab.seal_key, .cert = lab.seal },
		{ .key = lab.wrap_key, .cert = lab.wrap },
		{ .key = lab.seal_key, .cert = lab.stamp },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(stampers); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		struct sr_err err;

		assert_int_equal(sr_stamp_make(&stampers[i], lab_bytes("x"), LAB_NOW_NS, &out, &err),
		                 SR_INVALID);
		assert_int_equal(out.size, 0);
	}
}

static void another_authority_of_the_same_name_is_not_trusted(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
	struct sr_err err;
	struct lab other;
	int64_t time_ns;

	(void)state;
	lab_open(&other);
	const struct sr_stamper stamper = { .key = other.stamp_key,
		                            .cert = other.stamp,
		                            .chain = other.roots };
	assert_ok(sr_stamp_make(&stamper, lab_bytes(data_text), LAB_NOW_NS, &response, &err));
	assert_ok(sr_stamp_verify(sr_buf_bytes(&response), lab_bytes(data_text), NULL, other.chain, &time_ns,
	                          &err));
	assert_int_equal(verify(sr_buf_bytes(&response)), SR_TAMPERED);
	assert_int_equal(sr_stamp_verify(sr_buf_bytes(&response), lab_bytes(data_text), lab.roots,
	                                 other.chain, &time_ns, &err),
	                 SR_TAMPERED);
	lab_close(&other);
}

static void a_signature_is_no_stamp_and_a_stamp_no_signature(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	struct sr_err err;

	(void)state;
	stamp(LAB_NOW_NS, &response);
	assert_ok(sr_cms_sign(lab.seal_key, lab.seal, NULL, lab_bytes(data_text), LAB_NOW_NS, &signature,
	                      &err));
	assert_int_equal(verify(sr_buf_bytes(&signature)), SR_CORRUPT);
	assert_int_equal(sr_cms_verify(sr_buf_bytes(&response), lab_bytes(data_text), lab.roots, lab.chain,
	                               LAB_NOW_NS, NULL, &err),
	                 SR_CORRUPT);
}

/* --- answers that the openssl command made --------------------------------------------------------- */

/*
 * A query with @query, answered with @settings over the defaults (openssl-ts(1)), signed with t.key and
 * t.pem. The answer's token is stored with `granted` alone when the settings ask for nothing else.
 */
static void openssl_answers(const char *query, const char *settings)
{
	char command[2048];

	snprintf(command, sizeof(command),
	         "printf '%%s\\n' '[tsa]' 'default_tsa=t' '[t]' 'serial=serial' 'default_policy=1.2.3.4' "
	         "'digests=sha1,sha256,sha512' 'accuracy=secs:1,millisecs:500' %s > conf && echo 0A > serial "
	         "&& "
	         "openssl ts -query -data data -cert %s -out x.tsq && "
	         "openssl ts -reply -config conf -queryfile x.tsq -signer t.pem -inkey t.key -out x.tsr",
	         settings, query);
	folder_must(&folder, command);
}

static void make_stamp_certificate(const char *extensions)
{
	char command[2048];

	snprintf(command, sizeof(command),
	         "rm -rf ca && mkdir ca && touch ca/index.txt && echo 4D > ca/serial && printf '%%s\\n' "
	         "'[ca]' "
	         "'default_ca=c' '[c]' 'database=ca/index.txt' 'serial=ca/serial' 'default_md=sha256' "
	         "'policy=p' "
	         "'new_certs_dir=ca' '[p]' 'commonName=supplied' '[req]' 'distinguished_name=dn' '[dn]' > "
	         "ca/conf "
	         "&& printf '%%s\\n' subjectKeyIdentifier=hash authorityKeyIdentifier=keyid %s > ca/ext && "
	         "openssl req -new -config ca/conf -newkey %s -nodes -keyout t.key -subj /CN=stamps -out "
	         "ca/t.csr "
	         "&& openssl ca -batch -config ca/conf -extfile ca/ext -in ca/t.csr -cert root.pem -keyfile "
	         "root.key -startdate 20260101000000Z -enddate 20301201000000Z -out t.pem -notext",
	         extensions, strstr(extensions, "rsa") ? "rsa:3072" : "ec -pkeyopt ec_paramgen_curve:P-256");
	folder_must(&folder, command);
}

static enum sr_status verify_answer(void)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
	struct sr_err err = { 0 };
	int64_t time_ns;

	folder_get(&folder, "x.tsr", &response);
	enum sr_status status = sr_stamp_verify(sr_buf_bytes(&response), lab_bytes(data_text), lab.roots,
	                                        lab.chain, &time_ns, &err);
	if (status != SR_OK)
		print_message("%s\n", err.text);
	return status;
}

#define FOR_STAMPS "'keyUsage=critical,digitalSignature' 'extendedKeyUsage=critical,timeStamping'"

static void answers_by_the_openssl_command(void **state)
{
	static const struct {
		const char *why, *query, *settings;
		enum sr_status status;
	} cases[] = {
		{ "as ours", "-sha256", "'signer_digest=sha256' 'ess_cert_id_alg=sha256'", SR_OK },
		{ "ESS certificate id of the first version", "-sha256",
		  "'signer_digest=sha256' 'ess_cert_id_alg=sha1'", SR_OK },
		{ "fractions, ordering, name, SHA-512 inside", "-sha256",
		  "'signer_digest=sha512' 'ess_cert_id_alg=sha256' 'clock_precision_digits=6' 'ordering=yes' "
		  "'tsa_name=yes'",
		  SR_OK },
		{ "no nonce", "-sha256 -no_nonce", "'signer_digest=sha256' 'ess_cert_id_alg=sha256'", SR_OK },
		{ "imprint with SHA-1", "-sha1", "'signer_digest=sha256' 'ess_cert_id_alg=sha256'",
		  SR_CORRUPT },
		{ "imprint with SHA-512", "-sha512", "'signer_digest=sha256' 'ess_cert_id_alg=sha256'",
		  SR_CORRUPT },
		{ "signed over SHA-1", "-sha256", "'signer_digest=sha1' 'ess_cert_id_alg=sha256'",
		  SR_CORRUPT },
		{ "refused: digest not served", "-sha3-256", "'signer_digest=sha256'", SR_CORRUPT },
		{ "refused: policy not served", "-sha256 -tspolicy 1.9.9", "'signer_digest=sha256'",
		  SR_CORRUPT },
	};

	(void)state;
	make_stamp_certificate(FOR_STAMPS);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		openssl_answers(cases[i].query, cases[i].settings);
		assert_int_equal(verify_answer(), cases[i].status);
	}
}

/*
 * A response that t.pem signed, whatever it is for: openssl ts refuses certificates that are not for stamps,
 * openssl cms signs the same TSTInfo with any.
 */
static void answer_by_hand(void)
{
	static const uint8_t granted[] = { 0x30, 0x03, 0x02, 0x01, 0x00 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf ours = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf token = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
	struct sr_err err;

	stamp(LAB_NOW_NS, &ours);
	folder_put(&folder, "ours.tsr", sr_buf_bytes(&ours));
	folder_must(&folder, "openssl ts -reply -in ours.tsr -token_out -out ours.tst && "
	                     "openssl cms -verify -noverify -binary -inform DER -in ours.tst -out info && "
	                     "openssl cms -sign -binary -cades -nosmimecap -nodetach -md sha256 "
	                     "-econtent_type 1.2.840.113549.1.9.16.1.4 -in info -signer t.pem -inkey t.key "
	                     "-outform DER -out token");
	folder_get(&folder, "token", &token);
	size_t size = sizeof(granted) + token.size;
	assert_true(size >= 256 && size < 65536); /* so that the length takes two bytes */
	const uint8_t head[] = { 0x30, 0x82, (uint8_t)(size >> 8), (uint8_t)size };
	assert_ok(sr_buf_add(&response, head, sizeof(head), &err));
	assert_ok(sr_buf_add(&response, granted, sizeof(granted), &err));
	assert_ok(sr_buf_add(&response, token.data, token.size, &err));
	folder_put(&folder, "x.tsr", sr_buf_bytes(&response));
}

static void stamp_certificates_of_other_kinds(void **state)
{
	static const struct {
		const char *why, *extensions;
		enum sr_status status;
	} cases[] = {
		{ "RSA", FOR_STAMPS " '#rsa'", SR_OK },
		{ "EC", FOR_STAMPS, SR_OK },
		{ "for seals", "'keyUsage=critical,digitalSignature'", SR_TAMPERED },
		{ "for agreement beside",
		  "'keyUsage=critical,digitalSignature,keyAgreement' "
		  "'extendedKeyUsage=critical,timeStamping'",
		  SR_TAMPERED },
		{ "extended key usage not critical",
		  "'keyUsage=critical,digitalSignature' 'extendedKeyUsage=timeStamping'", SR_TAMPERED },
		{ "another purpose beside",
		  "'keyUsage=critical,digitalSignature' "
		  "'extendedKeyUsage=critical,timeStamping,emailProtection'",
		  SR_TAMPERED },
		{ "an unknown purpose beside",
		  "'keyUsage=critical,digitalSignature' 'extendedKeyUsage=critical,timeStamping,1.2.3.4'",
		  SR_TAMPERED },
		{ "no key usage", "'extendedKeyUsage=critical,timeStamping'", SR_TAMPERED },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		make_stamp_certificate(cases[i].extensions);
		answer_by_hand();
		assert_int_equal(verify_answer(), cases[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_truncation_and_every_byte_behind_is_corrupt),
		cmocka_unit_test(a_stamp_is_over_its_data_alone),
		cmocka_unit_test(the_time_is_in_whole_seconds_and_two_stamps_differ),
		cmocka_unit_test(openssl_reads_policy_time_and_digests_as_specified),
		cmocka_unit_test(the_certificate_must_be_valid_at_gen_time),
		cmocka_unit_test(only_a_stamp_certificate_makes_stamps),
		cmocka_unit_test(another_authority_of_the_same_name_is_not_trusted),
		cmocka_unit_test(a_signature_is_no_stamp_and_a_stamp_no_signature),
		cmocka_unit_test(answers_by_the_openssl_command),
		cmocka_unit_test(stamp_certificates_of_other_kinds),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
