/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed authority for the fuzz targets of signatures and stamps.  Its keys protect nothing. */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/fd.h"
#include "appliance/crypto/pki.h"

/* Root, seal and stamp certificate, an empty revocation list; from 2026-01-01 on. */
static const char fixed_chain_pem[] = "-----BEGIN CERTIFICATE-----\n"
				      "MIIB5zCCAY6gAwIBAgIQZIxNb2impVwovsspAc3ECjAKBggqhkjOPQQDAjBCMSEw\n"
				      "HwYDVQQKDBjmtYvor5XluILljLvnlpfkv53pmpzlsYAxHTAbBgNVBAMMFFN0cm9u\n"
				      "Z3Jvb20gdGVzdCByb290MB4XDTI2MDEwMTAwMDAwMFoXDTQ2MDEwMTAwMDAwMFow\n"
				      "QjEhMB8GA1UECgwY5rWL6K+V5biC5Yy755aX5L+d6Zqc5bGAMR0wGwYDVQQDDBRT\n"
				      "dHJvbmdyb29tIHRlc3Qgcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABH/T\n"
				      "3ElupWNcArRvSgskOIkBSxTImh9Acb6yb1wU5j4V5TEeQ646oX8HD5jdKYhY6v1m\n"
				      "UoAJXbSCLwSGc7I783SjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/\n"
				      "BAQDAgEGMB0GA1UdDgQWBBSaJJZDtdCbBoNpT+PcgPh81Uwc/DAfBgNVHSMEGDAW\n"
				      "gBSaJJZDtdCbBoNpT+PcgPh81Uwc/DAKBggqhkjOPQQDAgNHADBEAiA7I+pxKf02\n"
				      "L7XwAeOiSJsjpcO5yJGB5ufpVZcY3zCmUgIgU0/YmdtSlwuA5pZHDYDxn2I8kRdq\n"
				      "NzDvRN2mAriwbXs=\n"
				      "-----END CERTIFICATE-----\n"
				      "-----BEGIN CERTIFICATE-----\n"
				      "MIIB3TCCAYKgAwIBAgIQQChZdjeDOA3PhruupfqjvTAKBggqhkjOPQQDAjBCMSEw\n"
				      "HwYDVQQKDBjmtYvor5XluILljLvnlpfkv53pmpzlsYAxHTAbBgNVBAMMFFN0cm9u\n"
				      "Z3Jvb20gdGVzdCByb290MB4XDTI2MDEwMTAwMDAwMFoXDTMxMDEwMTAwMDAwMFow\n"
				      "PDEhMB8GA1UECgwY5rWL6K+V5biC5Yy755aX5L+d6Zqc5bGAMRcwFQYDVQQDDA7m\n"
				      "oYjljbflupMgc2VhbDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD/pdI8hoiTx\n"
				      "zPLq5Md2PZBxe+KILFgX3c7yJl3HxZ5FRgrhwF9xrEueus0BH3KRkt0CqKPwwSj3\n"
				      "vC/8UqLUivujYDBeMAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgbAMB0GA1Ud\n"
				      "DgQWBBQHZbzUzLrbUwfrNo1GJpnU+E46bDAfBgNVHSMEGDAWgBSaJJZDtdCbBoNp\n"
				      "T+PcgPh81Uwc/DAKBggqhkjOPQQDAgNJADBGAiEAjHMg4vP2T/VNyODfRlhDKSSv\n"
				      "ggu1WU2IjI2H+23uSaMCIQD+6/RBPmxOi7YzrIK2rOIIA6lhB3DLzGbHqujaEvlx\n"
				      "+Q==\n"
				      "-----END CERTIFICATE-----\n"
				      "-----BEGIN CERTIFICATE-----\n"
				      "MIIB+zCCAaGgAwIBAgIQd46NPFkYTUhGdEy7Z8AuNjAKBggqhkjOPQQDAjBCMSEw\n"
				      "HwYDVQQKDBjmtYvor5XluILljLvnlpfkv53pmpzlsYAxHTAbBgNVBAMMFFN0cm9u\n"
				      "Z3Jvb20gdGVzdCByb290MB4XDTI2MDEwMTAwMDAwMFoXDTMxMDEwMTAwMDAwMFow\n"
				      "QzEhMB8GA1UECgwY5rWL6K+V5biC5Yy755aX5L+d6Zqc5bGAMR4wHAYDVQQDDBXm\n"
				      "oYjljbflupMgdGltZSBzdGFtcHMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATJ\n"
				      "0cx+4l+5QAVLjGfbi+QqQc1e9o8DpwOzIVt3XQh0Y0i3SSHtBunSmZW8MnMQ3vaU\n"
				      "TO/QAAtLWdzvrFMgLNxSo3gwdjAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIG\n"
				      "wDAWBgNVHSUBAf8EDDAKBggrBgEFBQcDCDAdBgNVHQ4EFgQU4AUGWrj1EX15waaC\n"
				      "WhfE0U23SzEwHwYDVR0jBBgwFoAUmiSWQ7XQmwaDaU/j3ID4fNVMHPwwCgYIKoZI\n"
				      "zj0EAwIDSAAwRQIgLsXye3KPbBc4MA8coGsljGBktsD2y2eL+b1+t/CdiqcCIQDx\n"
				      "+M5j1759Bt0TFv2s86XSo/5T0R0nyCwepTvKjntGVw==\n"
				      "-----END CERTIFICATE-----\n"
				      "-----BEGIN X509 CRL-----\n"
				      "MIH+MIGlAgEBMAoGCCqGSM49BAMCMEIxITAfBgNVBAoMGOa1i+ivleW4guWMu+eW\n"
				      "l+S/nemanOWxgDEdMBsGA1UEAwwUU3Ryb25ncm9vbSB0ZXN0IHJvb3QXDTI2MDEw\n"
				      "MTAwMDAwMFoXDTQ2MDEwMTAwMDAwMFqgMjAwMA0GA1UdFAQGAgRpVbkAMB8GA1Ud\n"
				      "IwQYMBaAFJoklkO10JsGg2lP49yA+HzVTBz8MAoGCCqGSM49BAMCA0gAMEUCIHYi\n"
				      "0Gxntzfo9cYMehemgfIFTsUl4T8tYy1StYnSqZDuAiEAy2bNNcbXWhyX7WjVQOJm\n"
				      "jhrjNckyV8uKMS1HxFYePPY=\n"
				      "-----END X509 CRL-----\n";

/* A recipient of wrapped keys. */
static const char fixed_wrap_cert_pem[] = "-----BEGIN CERTIFICATE-----\n"
					  "MIIB5DCCAYqgAwIBAgIQYCjJQyrLqPepmXYywmF95jAKBggqhkjOPQQDAjBCMSEw\n"
					  "HwYDVQQKDBjmtYvor5XluILljLvnlpfkv53pmpzlsYAxHTAbBgNVBAMMFFN0cm9u\n"
					  "Z3Jvb20gdGVzdCByb290MB4XDTI2MDEwMTAwMDAwMFoXDTMxMDEwMTAwMDAwMFow\n"
					  "RDEhMB8GA1UECgwY5rWL6K+V5biC5Yy755aX5L+d6Zqc5bGAMR8wHQYDVQQDDBbm\n"
					  "oYjljbflupMga2V5IHdyYXBwaW5nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n"
					  "899RS3Bi1hbsVDaQPlnTY6533Cyu7yi8V0Uvq6vCP5XWKx3qKZBUrsi6BdoiMwoJ\n"
					  "N41QnU4jA4jIKWXSRKtC26NgMF4wDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMC\n"
					  "AwgwHQYDVR0OBBYEFIOywfp3T3r3TMYLgW1N4ly9Zp7LMB8GA1UdIwQYMBaAFJok\n"
					  "lkO10JsGg2lP49yA+HzVTBz8MAoGCCqGSM49BAMCA0gAMEUCIBc7Qs67YepkVbgm\n"
					  "7ps6y/sg+2mD9XybuijhbtnsSefdAiEA0DDa/WyqPaDNKnYOQcyiM5o7y8tVhlN5\n"
					  "T3F9R/7eBYo=\n"
					  "-----END CERTIFICATE-----\n";

/* Its private key. */
static const char fixed_wrap_key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
					 "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPL393GMEfAVHLoja\n"
					 "FZI02oz6pSh17rkTtnRsjRQ0KYihRANCAATz31FLcGLWFuxUNpA+WdNjrnfcLK7v\n"
					 "KLxXRS+rq8I/ldYrHeopkFSuyLoF2iIzCgk3jVCdTiMDiMgpZdJEq0Lb\n"
					 "-----END PRIVATE KEY-----\n";

#define FIXED_TIME_NS 1769817600000000000 /* 2026-01-31T00:00:00Z: when the seeds were signed */

static inline void fixed_must(enum sr_status status, const struct sr_err *err)
{
	if (status == SR_OK)
		return;
	fprintf(stderr, "%s\n", err->text);
	abort();
}

static inline struct sr_bytes fixed_text(const char *text)
{
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = strlen(text) };
}

static inline struct sr_certs *fixed_certs(const char *pem)
{
	struct sr_certs *certs = NULL;
	struct sr_err err = { 0 };

	fixed_must(sr_certs_from_pem(fixed_text(pem), &certs, &err), &err);
	return certs;
}

/* Keys come from private files alone: one in memory. */
static inline struct sr_key *fixed_key(const char *pem)
{
	struct sr_key *key = NULL;
	struct sr_err err = { 0 };
	char path[64];
	int fd = memfd_create("key", MFD_CLOEXEC);

	if (fd < 0 || fchmod(fd, 0600) < 0)
		abort();
	fixed_must(sr_fd_write_all(fd, pem, strlen(pem), &err), &err);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fixed_must(sr_key_read(AT_FDCWD, path, NULL, &key, &err), &err);
	close(fd);
	return key;
}
