/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A quick look at a file's first bytes: the formats that cases consist of, recognised without a
 * library.  What is not recognised here is not refused: libmagic is asked (appliance/casefile/probe.h).  Pure
 * functions; any content and size is safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SR_SIGNATURE_BYTES 4096u /* the head of a file that is looked at */

enum sr_signature {
	SR_SIGNATURE_UNKNOWN,
	SR_SIGNATURE_PDF,
	SR_SIGNATURE_JPEG,
	SR_SIGNATURE_PNG,
	SR_SIGNATURE_GIF,
	SR_SIGNATURE_TIFF,
	SR_SIGNATURE_BMP,
	SR_SIGNATURE_WEBP,
	SR_SIGNATURE_HEIF, /* HEIC, AVIF */
	SR_SIGNATURE_MP4,  /* ISO base media: MP4, QuickTime, 3GP, M4A */
	SR_SIGNATURE_MATROSKA,
	SR_SIGNATURE_AVI,
	SR_SIGNATURE_WAV,
	SR_SIGNATURE_MP3,
	SR_SIGNATURE_AAC,
	SR_SIGNATURE_OGG,
	SR_SIGNATURE_FLAC,
	SR_SIGNATURE_ASF,
	SR_SIGNATURE_FLV,
	SR_SIGNATURE_MPEG_TS,
	SR_SIGNATURE_MPEG_PS,
	SR_SIGNATURE_AMR,
	SR_SIGNATURE_DHAV,
	SR_SIGNATURE_MXF,
	SR_SIGNATURE_ZIP,
	SR_SIGNATURE_OOXML, /* an Office Open XML package whose kind is not in the head */
	SR_SIGNATURE_DOCX,
	SR_SIGNATURE_XLSX,
	SR_SIGNATURE_PPTX,
	SR_SIGNATURE_OFD,
	SR_SIGNATURE_OPENDOCUMENT,
	SR_SIGNATURE_OLE, /* Word, Excel and PowerPoint before 2007, WPS */
	SR_SIGNATURE_RTF,
	SR_SIGNATURE_RAR,
	SR_SIGNATURE_7Z,
	SR_SIGNATURE_GZIP,
	SR_SIGNATURE_PROGRAM, /* ELF or PE */
	SR_SIGNATURE_TEXT,    /* UTF-8, UTF-16 with a byte-order mark or GB18030, no control characters */
};

/* @size: SR_SIGNATURE_BYTES, or less where the whole file is shorter. */
enum sr_signature sr_signature_of(const void *head, size_t size);

/* IANA's name, such as "application/pdf"; "application/octet-stream" for SR_SIGNATURE_UNKNOWN. */
const char *sr_signature_media_type(enum sr_signature signature);

/* For people, such as "PDF文件". */
const char *sr_signature_name_zh(enum sr_signature signature);

/* Sound or moving pictures; a still picture. */
bool sr_signature_is_recording(enum sr_signature signature);
bool sr_signature_is_picture(enum sr_signature signature);

/*
 * The size of file that a container's header promises (RIFF, Matroska): a smaller file was cut off.  0 when
 * it does not say.
 */
uint64_t sr_signature_promised_bytes(enum sr_signature signature, const void *head, size_t size);
