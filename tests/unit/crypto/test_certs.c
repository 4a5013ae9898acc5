/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, revocation lists, PEM and DER. */
#include "tests/unit/crypto/pki_lab.h"

#include "appliance/crypto/der.h"

static struct lab lab;
static struct folder folder;

static int setup(void **state)
{
	(void)state;
	lab_open(&lab);
	folder_open(&folder);
	folder_put_cert(&folder, "root.pem", lab.root);
	folder_put_cert(&folder, "seal.pem", lab.seal);
	folder_put_cert(&folder, "stamp.pem", lab.stamp);
	folder_put_cert(&folder, "wrap.pem", lab.wrap);
	folder_put_cert(&folder, "escrow.pem", lab.escrow);
	folder_put_certs(&folder, "chain.pem", lab.chain);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_close(&folder);
	lab_close(&lab);
	return 0;
}

/* --- making ---------------------------------------------------------------------------------------- */

static void openssl_sees_the_profile_of_each_role(void **state)
{
	static const struct {
		const char *name;
		const char *usage;
		const char *more; /* another line that must be there */
		const char *until;
	} cases[] = {
		{ "root", "Certificate Sign, CRL Sign", "CA:TRUE, pathlen:0", "Jan  1 00:00:00 2046 GMT" },
		{ "seal", "Digital Signature, Non Repudiation", "CA:FALSE", "Jan  1 00:00:00 2031 GMT" },
		{ "stamp", "Digital Signature, Non Repudiation", "X509v3 Extended Key Usage: critical",
		  "Jan  1 00:00:00 2031 GMT" },
		{ "wrap", "Key Agreement", "CA:FALSE", "Jan  1 00:00:00 2031 GMT" },
		{ "escrow", "Key Agreement", "CA:FALSE", "Jan  1 00:00:00 2046 GMT" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char command[1024];

		print_message("case: %s\n", cases[i].name);
		snprintf(command, sizeof(command),
		         "openssl x509 -in %s.pem -noout -text > text && grep -q '^ *%s$' text && grep -q "
		         "'%s' text "
		         "&& grep -q 'Not Before: Jan  1 00:00:00 2026 GMT' text && grep -q 'Not After : %s' "
		         "text && "
		         "grep -A1 'Key Usage: critical' text | grep -q . && "
		         "grep -q 'ecdsa-with-SHA256' text && grep -q 'prime256v1' text && "
		         "grep -q 'Subject Key Identifier' text && grep -q 'Authority Key Identifier' text",
		         cases[i].name, cases[i].usage, cases[i].more, cases[i].until);
		folder_must(&folder, command);
	}
	folder_must(&folder, "openssl verify -x509_strict -attime " LAB_NOW_TEXT " -CAfile root.pem seal.pem "
	                     "stamp.pem wrap.pem escrow.pem");
	folder_must(&folder, "openssl verify -x509_strict -purpose timestampsign -attime " LAB_NOW_TEXT
	                     " -CAfile root.pem stamp.pem");
	/* Serial numbers of 128 bits that differ. */
	folder_must(&folder,
	            "for f in root seal stamp wrap escrow; do openssl x509 -in $f.pem -noout -serial; "
	            "done | sort -u > serials && test $(grep -cE '^serial=[0-9A-F]{32}$' serials) = 5");
}

static void a_revocation_list_is_openssl_s_too(void **state)
{
	(void)state;
	folder_must(&folder, "openssl crl -in chain.pem -CAfile root.pem -noout -text > text 2>&1 && "
	                     "grep -q 'verify OK' text && grep -q 'No Revoked Certificates' text && "
	                     "grep -q 'Version 2' text && grep -q 'CRL Number' text && "
	                     "grep -q 'Last Update: Jan  1 00:00:00 2026 GMT' text && "
	                     "grep -q 'Next Update: Jan  1 00:00:00 2046 GMT' text");
}

static enum sr_status issue(const struct sr_cert_request *changed)
{
	SR_CLEANUP(sr_cert_freep) struct sr_cert *cert = NULL;
	struct sr_err err;

	return sr_cert_issue(changed, &cert, &err);
}

static void what_no_certificate_can_be_made_of_is_refused(void **state)
{
	const struct sr_cert_request good = {
		.role = SR_CERT_SEAL,
		.common_name = "seal",
		.not_before_ns = LAB_BEGIN_NS,
		.subject_key = lab.seal_key,
		.issuer_key = lab.root_key,
		.issuer_cert = lab.root,
	};
	struct sr_cert_request bad;

	(void)state;
	assert_int_equal(issue(&good), SR_OK);
	bad = good;
	bad.issuer_key = lab.stamp_key; /* not that of the certificate */
	assert_int_equal(issue(&bad), SR_INVALID);
	bad = good;
	bad.issuer_key = lab.stamp_key;
	bad.issuer_cert = lab.stamp; /* no authority */
	assert_int_equal(issue(&bad), SR_INVALID);
	bad = good;
	bad.role = SR_CERT_ROOT; /* a root with an issuer */
	assert_int_equal(issue(&bad), SR_INVALID);
	bad = good;
	bad.issuer_cert = NULL;
	assert_int_equal(issue(&bad), SR_INVALID);
	bad = good;
	bad.common_name = ""; /* no name */
	assert_int_equal(issue(&bad), SR_INVALID);
	bad = good;
	bad.common_name = "\xff\xfe"; /* not UTF-8 */
	assert_int_equal(issue(&bad), SR_INVALID);
	bad = good;
	bad.common_name = "12345678901234567890123456789012345678901234567890123456789012345"; /* 65 */
	assert_int_equal(issue(&bad), SR_INVALID);
	bad = good;
	bad.not_before_ns = LAB_BEGIN_NS + 20 * 366 * LAB_DAY_NS; /* behind the issuer's end */
	assert_int_equal(issue(&bad), SR_INVALID);
}

static void no_certificate_outlives_its_issuer(void **state)
{
	SR_CLEANUP(sr_cert_freep) struct sr_cert *late = NULL;
	const struct sr_cert_request request = {
		.role = SR_CERT_SEAL,
		.common_name = "late",
		.not_before_ns = LAB_BEGIN_NS + 18 * 365 * LAB_DAY_NS,
		.subject_key = lab.seal_key,
		.issuer_key = lab.root_key,
		.issuer_cert = lab.root,
	};
	struct sr_err err;

	(void)state;
	assert_ok(sr_cert_issue(&request, &late, &err));
	assert_true(sr_cert_not_after_ns(late) == sr_cert_not_after_ns(lab.root));
	/* 2046-01-01T00:00:00Z */
	assert_true(sr_cert_not_after_ns(lab.root) == 2398377600 * SR_SECOND_NS);
}

static void a_leap_day_ends_on_the_28th(void **state)
{
	SR_CLEANUP(sr_cert_freep) struct sr_cert *cert = NULL;
	struct sr_cert_request request = {
		.role = SR_CERT_SEAL,
		.common_name = "leap",
		.not_before_ns = 1835438400 * SR_SECOND_NS, /* 2028-02-29T12:00:00Z */
		.subject_key = lab.seal_key,
		.issuer_key = lab.root_key,
		.issuer_cert = lab.root,
	};
	struct sr_err err;

	(void)state;
	assert_ok(sr_cert_issue(&request, &cert, &err));
	assert_true(sr_cert_not_after_ns(cert) == 1993204800 * SR_SECOND_NS); /* 2033-02-28T12:00:00Z */
}

static void the_subject_is_for_people(void **state)
{
	static const char want[] = "CN=案卷库 seal, O=测试市医疗保障局";
	SR_CLEANUP(sr_buf_dispose) struct sr_buf subject = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_cert_subject(lab.seal, &subject, &err));
	assert_int_equal(subject.size, sizeof(want) - 1);
	assert_memory_equal(subject.data, want, subject.size);
}

static void a_key_matches_its_certificate_alone(void **state)
{
	(void)state;
	assert_true(sr_key_matches(lab.seal_key, lab.seal));
	assert_false(sr_key_matches(lab.seal_key, lab.stamp));
	assert_false(sr_key_matches(lab.root_key, lab.seal));
}

/* --- PEM ------------------------------------------------------------------------------------------- */

static enum sr_status parse(const char *text, size_t size)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *certs = NULL;
	struct sr_err err;

	return sr_certs_from_pem((struct sr_bytes){ (const uint8_t *)text, size }, &certs, &err);
}

static void a_chain_comes_back_from_pem_in_order(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };
	SR_CLEANUP(sr_certs_freep) struct sr_certs *certs = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_certs_to_pem(lab.chain, &pem, &err));
	assert_ok(sr_certs_from_pem(sr_buf_bytes(&pem), &certs, &err));
	assert_int_equal(sr_certs_count(certs), 3);
	assert_true(sr_key_matches(lab.root_key, sr_certs_at(certs, 0)));
	assert_true(sr_key_matches(lab.seal_key, sr_certs_at(certs, 1)));
	assert_true(sr_key_matches(lab.stamp_key, sr_certs_at(certs, 2)));
	assert_ok(sr_certs_to_pem(certs, &again, &err));
	assert_int_equal(pem.size, again.size);
	assert_memory_equal(pem.data, again.data, pem.size);
}

static void pem_that_is_not_strict_is_refused(void **state)
{
	static const struct {
		const char *why;
		const char *command; /* makes x.pem */
		enum sr_status status;
	} cases[] = {
		{ "as it is", "cat chain.pem > x.pem", SR_OK },
		{ "nothing", ": > x.pem", SR_OK },
		{ "CRLF", "sed 's/$/\\r/' chain.pem > x.pem", SR_OK },
		{ "empty lines between", "{ echo; cat root.pem; echo; cat seal.pem; } > x.pem", SR_OK },
		{ "no line end at the end", "head -c -1 root.pem > x.pem", SR_OK },
		{ "base64 in one line",
		  "{ echo '-----BEGIN CERTIFICATE-----'; openssl x509 -in root.pem -outform DER | base64 -w "
		  "0; echo; "
		  "echo '-----END CERTIFICATE-----'; } > x.pem",
		  SR_OK },
		{ "text before", "{ echo root; cat root.pem; } > x.pem", SR_CORRUPT },
		{ "text behind", "{ cat root.pem; echo root; } > x.pem", SR_CORRUPT },
		{ "printed by openssl", "openssl x509 -in root.pem -text > x.pem", SR_CORRUPT },
		{ "a private key", "{ cat root.pem; openssl genpkey -algorithm ED25519; } > x.pem",
		  SR_CORRUPT },
		{ "trusted certificate", "openssl x509 -in root.pem -trustout -out x.pem", SR_CORRUPT },
		{ "cut off", "head -c 300 root.pem > x.pem", SR_CORRUPT },
		{ "no end", "head -n -1 root.pem > x.pem", SR_CORRUPT },
		{ "wrong end", "sed 's/END CERTIFICATE/END X509 CRL/' root.pem > x.pem", SR_CORRUPT },
		{ "a block in a block", "{ head -2 root.pem; cat seal.pem; } > x.pem", SR_CORRUPT },
		{ "blank in base64", "sed '3s/^./& /' root.pem > x.pem", SR_CORRUPT },
		{ "byte behind the DER",
		  "{ echo '-----BEGIN CERTIFICATE-----'; { openssl x509 -in root.pem -outform DER; printf x; "
		  "} | "
		  "base64 -w 64; echo '-----END CERTIFICATE-----'; } > x.pem",
		  SR_CORRUPT },
		{ "a request", "openssl req -new -newkey ed25519 -nodes -keyout k -subj /CN=x -out x.pem",
		  SR_CORRUPT },
		{ "a list called a certificate",
		  "openssl crl -in chain.pem | sed 's/X509 CRL/CERTIFICATE/' > x.pem", SR_CORRUPT },
		{ "a certificate called a list", "sed 's/CERTIFICATE/X509 CRL/' root.pem > x.pem",
		  SR_CORRUPT },
		{ "65 certificates", "for i in $(seq 65); do cat root.pem; done > x.pem", SR_LIMIT },
		{ "64 certificates", "for i in $(seq 64); do cat root.pem; done > x.pem", SR_OK },
		{ "more than 4 MiB", "head -c 4194305 /dev/zero | tr '\\0' '\\n' > x.pem", SR_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		folder_must(&folder, cases[i].command);
		assert_ok(sr_fd_read_file(folder.fd, "x.pem", 5u << 20, &pem, &err));
		assert_int_equal(parse((const char *)pem.data, pem.size), cases[i].status);
	}
}

static void every_truncation_of_pem_is_refused_or_ends_between_blocks(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_cert_to_pem(lab.root, &pem, &err));
	/* The last line end may be missing, and nothing at all is an empty list. */
	for (size_t size = 1; size + 1 < pem.size; size++)
		assert_int_equal(parse((const char *)pem.data, size), SR_CORRUPT);
}

static void one_certificate_is_exactly_one(void **state)
{
	SR_CLEANUP(sr_cert_freep) struct sr_cert *cert = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_cert_from_pem(lab_bytes(""), &cert, &err), SR_CORRUPT);
	assert_ok(sr_cert_to_pem(lab.root, &pem, &err));
	assert_ok(sr_cert_from_pem(sr_buf_bytes(&pem), &cert, &err));
	assert_ok(sr_cert_to_pem(lab.seal, &pem, &err));
	sr_cert_freep(&cert);
	assert_int_equal(sr_cert_from_pem(sr_buf_bytes(&pem), &cert, &err), SR_CORRUPT);
}

/* --- DER ------------------------------------------------------------------------------------------- */

static void der_is_judged_as_x_690_says(void **state)
{
#define DER(text) text, sizeof(text) - 1
	static const struct {
		const char *why, *bytes;
		size_t size;
		bool good;
	} cases[] = {
		{ "INTEGER", DER("\x02\x01\x05"), true },
		{ "empty SEQUENCE", DER("\x30\x00"), true },
		{ "nested", DER("\x30\x05\x31\x03\x02\x01\x00"), true },
		{ "BOOLEAN true", DER("\x01\x01\xff"), true },
		{ "NULL", DER("\x05\x00"), true },
		{ "BIT STRING of nothing", DER("\x03\x01\x00"), true },
		{ "BIT STRING with unused bits", DER("\x03\x02\x01\x02"), true },
		{ "INTEGER with sign byte", DER("\x02\x02\x00\x80"), true },
		{ "context tag, primitive", DER("\x80\x01\x41"), true },
		{ "nothing", DER(""), false },
		{ "tag alone", DER("\x30"), false },
		{ "content missing", DER("\x02\x01"), false },
		{ "byte behind", DER("\x05\x00\x00"), false },
		{ "byte behind, inside", DER("\x30\x03\x05\x00\x00"), false },
		{ "indefinite length", DER("\x30\x80\x05\x00\x00\x00"), false },
		{ "long form where the short would do", DER("\x02\x81\x01\x05"), false },
		{ "length with leading zero", DER("\x02\x82\x00\x01\x05"), false },
		{ "length of five bytes", DER("\x02\x85\x00\x00\x00\x00\x01\x05"), false },
		{ "reserved length", DER("\x02\xff\x05"), false },
		{ "huge length", DER("\x02\x84\xff\xff\xff\xff\x05"), false },
		{ "BOOLEAN neither 00 nor FF", DER("\x01\x01\x01"), false },
		{ "INTEGER of nothing", DER("\x02\x00"), false },
		{ "INTEGER with needless 00", DER("\x02\x02\x00\x05"), false },
		{ "INTEGER with needless FF", DER("\x02\x02\xff\x85"), false },
		{ "NULL with content", DER("\x05\x01\x00"), false },
		{ "BIT STRING of no byte", DER("\x03\x00"), false },
		{ "BIT STRING with 8 unused bits", DER("\x03\x02\x08\x00"), false },
		{ "BIT STRING with unused bits set", DER("\x03\x02\x01\x01"), false },
		{ "BIT STRING of nothing with unused bits", DER("\x03\x01\x01"), false },
		{ "OCTET STRING in pieces", DER("\x24\x03\x04\x01\x41"), false },
		{ "SEQUENCE as primitive", DER("\x10\x00"), false },
		{ "end of contents", DER("\x00\x00"), false },
		{ "tag of many bytes", DER("\x1f\x81\x01\x00"), false },
	};
#undef DER

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(
			sr_der_check((struct sr_bytes){ (const uint8_t *)cases[i].bytes, cases[i].size },
		                     &err),
			cases[i].good ? SR_OK : SR_CORRUPT);
	}
}

static void der_is_bounded_in_depth(void **state)
{
	uint8_t bytes[100];
	struct sr_err err;

	(void)state;
	for (size_t levels = 1; levels <= 50; levels++) {
		for (size_t i = 0; i < levels; i++) {
			bytes[2 * i] = 0x30;
			bytes[2 * i + 1] = (uint8_t)(2 * (levels - 1 - i));
		}
		assert_int_equal(sr_der_check((struct sr_bytes){ bytes, 2 * levels }, &err),
		                 levels <= 32 ? SR_OK : SR_CORRUPT);
	}
}

static void heads_are_as_short_as_they_can_be(void **state)
{
	static const struct {
		size_t size;
		const char *want;
		size_t want_size;
	} cases[] = {
		{ 0, "\x30\x00", 2 },           { 127, "\x30\x7f", 2 },
		{ 128, "\x30\x81\x80", 3 },     { 255, "\x30\x81\xff", 3 },
		{ 256, "\x30\x82\x01\x00", 4 }, { 65536, "\x30\x83\x01\x00\x00", 5 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf head = { 0 };
		struct sr_err err;

		assert_ok(sr_der_add_head(&head, 0x30, cases[i].size, &err));
		assert_int_equal(head.size, cases[i].want_size);
		assert_memory_equal(head.data, cases[i].want, head.size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_sees_the_profile_of_each_role),
		cmocka_unit_test(a_revocation_list_is_openssl_s_too),
		cmocka_unit_test(what_no_certificate_can_be_made_of_is_refused),
		cmocka_unit_test(no_certificate_outlives_its_issuer),
		cmocka_unit_test(a_leap_day_ends_on_the_28th),
		cmocka_unit_test(the_subject_is_for_people),
		cmocka_unit_test(a_key_matches_its_certificate_alone),
		cmocka_unit_test(a_chain_comes_back_from_pem_in_order),
		cmocka_unit_test(pem_that_is_not_strict_is_refused),
		cmocka_unit_test(every_truncation_of_pem_is_refused_or_ends_between_blocks),
		cmocka_unit_test(one_certificate_is_exactly_one),
		cmocka_unit_test(der_is_judged_as_x_690_says),
		cmocka_unit_test(der_is_bounded_in_depth),
		cmocka_unit_test(heads_are_as_short_as_they_can_be),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
