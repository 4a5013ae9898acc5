/* SPDX-License-Identifier: Apache-2.0 */
/* The server's certificate: the one that the configuration names, or one of its own from the first start. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/keeper/process/front.h"

#define SR_CERTIFICATE_FILE "tls.pem" /* in the front end's state folder */
#define SR_CERTIFICATE_KEY "tls.key"

struct sr_certificate {
	struct sr_buf chain;   /* PEM */
	struct sr_buf private; /* PEM */
};
void sr_certificate_dispose(struct sr_certificate *certificate);

/*
 * From the descriptors "certificate" and "private_key", else from the folder "state", where a new one is made
 * when there is none: EC P-256, ten years, for localhost, this machine's name and the address that is
 * listened at.
 */
SR_CHECKED enum sr_status sr_certificate_load(struct sr_front *front, struct sr_certificate *out,
                                              struct sr_err *err);

/* The same in the folder @state_fd; @listen is "ADDR:PORT". */
SR_CHECKED enum sr_status sr_certificate_own(int state_fd, const char *listen, struct sr_certificate *out,
                                             struct sr_err *err);

/* As C strings; valid as long as the certificate. */
SR_CHECKED enum sr_status sr_certificate_texts(struct sr_certificate *certificate, const char **chain,
                                               const char **private_key, struct sr_err *err);
