/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/probe_pdf.h"

#include <poppler.h>
#include <stddef.h>

#include "appliance/casefile/probe_wire.h"

#define PAGES_MAX 1000000

/* The smallest document there is: it makes poppler set up what all documents share. */
static const char smallest[] = "%PDF-1.4\n"
			       "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
			       "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
			       "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
			       "xref\n0 4\n"
			       "0000000000 65535 f \n"
			       "0000000009 00000 n \n"
			       "0000000052 00000 n \n"
			       "0000000101 00000 n \n"
			       "trailer<</Size 4/Root 1 0 R>>\nstartxref\n160\n%%EOF\n";

/* What a file makes poppler say is nobody's business. */
static void say_nothing(const char *domain, GLogLevelFlags level, const char *message, void *context)
{
	(void)domain, (void)level, (void)message, (void)context;
}

bool sr_probe_pdf_init(void)
{
	GBytes *bytes = g_bytes_new_static(smallest, sizeof(smallest) - 1);

	g_log_set_default_handler(say_nothing, NULL);
	/* Never released: the tables live as long as a document does. */
	PopplerDocument *document = poppler_document_new_from_bytes(bytes, NULL, NULL);
	return document && poppler_document_get_n_pages(document) == 1;
}

void sr_probe_pdf_look(int fd, struct sr_probe_reply *reply)
{
	GError *error = NULL;
	PopplerDocument *document = poppler_document_new_from_fd(fd, NULL, &error);

	if (!document) {
		if (error && g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
			reply->flags |= SR_PROBE_ENCRYPTED;
		return;
	}
	int pages = poppler_document_get_n_pages(document);
	/* The number is the document's own word; a last page that is there bears it out. */
	if (pages > 0 && pages <= PAGES_MAX && poppler_document_get_page(document, pages - 1))
		reply->pages = (uint32_t)pages;
}
