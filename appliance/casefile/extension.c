/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/extension.h"

#include <string.h>
#include <strings.h>

#include "appliance/base/cleanup.h"

#define ONE(name) (1ull << SR_SIGNATURE_##name)
#define ANY_ZIP (ONE(ZIP) | ONE(OOXML) | ONE(DOCX) | ONE(XLSX) | ONE(PPTX) | ONE(OFD) | ONE(OPENDOCUMENT))
#define OFFICE_XML "application/vnd.openxmlformats-officedocument."
#define OLE_TYPES "application/x-ole-storage application/CDFV2 "
#define ISO_TYPES "video/mp4 video/quicktime video/3gpp video/3gpp2 video/x-m4v audio/mp4 audio/x-m4a"
#define OGG_TYPES "application/ogg audio/ogg video/ogg audio/opus"
#define TEXT_TYPES "text/ application/json application/x-ndjson application/xml application/x-subrip"

static const struct sr_extension extensions[] = {
	{ "pdf", ONE(PDF), "application/pdf" },
	{ "ofd", ONE(OFD), "application/ofd application/zip" },
	{ "jpg", ONE(JPEG), "image/jpeg" },
	{ "jpeg", ONE(JPEG), "image/jpeg" },
	{ "jpe", ONE(JPEG), "image/jpeg" },
	{ "jfif", ONE(JPEG), "image/jpeg" },
	{ "png", ONE(PNG), "image/png" },
	{ "gif", ONE(GIF), "image/gif" },
	{ "tif", ONE(TIFF), "image/tiff" },
	{ "tiff", ONE(TIFF), "image/tiff" },
	{ "bmp", ONE(BMP), "image/bmp image/x-ms-bmp" },
	{ "webp", ONE(WEBP), "image/webp" },
	{ "heic", ONE(HEIF), "image/heic image/heif" },
	{ "heif", ONE(HEIF), "image/heic image/heif" },
	{ "mp4", ONE(MP4), ISO_TYPES },
	{ "m4v", ONE(MP4), ISO_TYPES },
	{ "m4a", ONE(MP4), ISO_TYPES },
	{ "mov", ONE(MP4), ISO_TYPES },
	{ "3gp", ONE(MP4), ISO_TYPES },
	{ "3g2", ONE(MP4), ISO_TYPES },
	{ "mkv", ONE(MATROSKA), "video/x-matroska video/webm" },
	{ "mka", ONE(MATROSKA), "video/x-matroska audio/x-matroska" },
	{ "webm", ONE(MATROSKA), "video/webm audio/webm video/x-matroska" },
	{ "avi", ONE(AVI), "video/x-msvideo" },
	{ "wav", ONE(WAV), "audio/x-wav audio/wav audio/vnd.wave" },
	{ "mp3", ONE(MP3), "audio/mpeg" },
	{ "mp2", ONE(MP3), "audio/mpeg" },
	{ "aac", ONE(AAC), "audio/aac audio/x-hx-aac-adts audio/x-hx-aac-adif" },
	{ "ogg", ONE(OGG), OGG_TYPES },
	{ "oga", ONE(OGG), OGG_TYPES },
	{ "ogv", ONE(OGG), OGG_TYPES },
	{ "opus", ONE(OGG), OGG_TYPES },
	{ "flac", ONE(FLAC), "audio/flac audio/x-flac" },
	{ "wmv", ONE(ASF), "video/x-ms-asf video/x-ms-wmv" },
	{ "wma", ONE(ASF), "video/x-ms-asf audio/x-ms-wma" },
	{ "asf", ONE(ASF), "video/x-ms-asf" },
	{ "flv", ONE(FLV), "video/x-flv" },
	{ "ts", ONE(MPEG_TS), "video/MP2T video/mp2t" },
	{ "mts", ONE(MPEG_TS), "video/MP2T video/mp2t" },
	{ "m2ts", ONE(MPEG_TS), "video/MP2T video/mp2t" },
	{ "mpg", ONE(MPEG_PS) | ONE(MPEG_TS), "video/mpeg video/mpv" },
	{ "mpeg", ONE(MPEG_PS) | ONE(MPEG_TS), "video/mpeg video/mpv" },
	{ "vob", ONE(MPEG_PS), "video/mpeg" },
	{ "amr", ONE(AMR), "audio/AMR audio/amr" },
	{ "dav", ONE(DHAV), "video/x-dhav" },
	{ "mxf", ONE(MXF), "application/mxf" },
	{ "txt", ONE(TEXT), TEXT_TYPES },
	{ "md", ONE(TEXT), TEXT_TYPES },
	{ "csv", ONE(TEXT), TEXT_TYPES },
	{ "tsv", ONE(TEXT), TEXT_TYPES },
	{ "srt", ONE(TEXT), TEXT_TYPES },
	{ "json", ONE(TEXT), TEXT_TYPES },
	{ "xml", ONE(TEXT), TEXT_TYPES },
	{ "html", ONE(TEXT), TEXT_TYPES },
	{ "htm", ONE(TEXT), TEXT_TYPES },
	{ "rtf", ONE(RTF), "text/rtf application/rtf" },
	{ "doc", ONE(OLE) | ONE(RTF), OLE_TYPES "application/msword text/rtf" },
	{ "wps", ONE(OLE), OLE_TYPES "application/msword application/vnd.ms-works" },
	{ "xls", ONE(OLE), OLE_TYPES "application/vnd.ms-excel" },
	{ "et", ONE(OLE), OLE_TYPES "application/vnd.ms-excel" },
	{ "ppt", ONE(OLE), OLE_TYPES "application/vnd.ms-powerpoint" },
	{ "docx", ONE(DOCX) | ONE(OOXML), OFFICE_XML "wordprocessingml.document" },
	{ "xlsx", ONE(XLSX) | ONE(OOXML), OFFICE_XML "spreadsheetml.sheet" },
	{ "pptx", ONE(PPTX) | ONE(OOXML), OFFICE_XML "presentationml.presentation" },
	{ "odt", ONE(OPENDOCUMENT), "application/vnd.oasis.opendocument.text" },
	{ "ods", ONE(OPENDOCUMENT), "application/vnd.oasis.opendocument.spreadsheet" },
	{ "odp", ONE(OPENDOCUMENT), "application/vnd.oasis.opendocument.presentation" },
	{ "zip", ANY_ZIP, "application/zip" },
	{ "rar", ONE(RAR), "application/x-rar application/vnd.rar" },
	{ "7z", ONE(7Z), "application/x-7z-compressed" },
	{ "gz", ONE(GZIP), "application/gzip" },
};

const struct sr_extension *sr_extension_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');

	for (size_t i = 0; dot && i < SR_COUNT(extensions); i++)
		if (strcasecmp(dot + 1, extensions[i].name) == 0)
			return &extensions[i];
	return NULL;
}

bool sr_extension_allows(const struct sr_extension *extension, enum sr_signature signature)
{
	return (extension->signatures >> signature & 1) != 0;
}

bool sr_extension_allows_media_type(const struct sr_extension *extension, const char *media_type)
{
	for (const char *at = extension->media_types; *at; at += strspn(at, " ")) {
		size_t size = strcspn(at, " ");
		bool beginning = at[size - 1] == '/';

		if (strncmp(at, media_type, size) == 0 && (beginning || media_type[size] == 0))
			return true;
		at += size;
	}
	return false;
}

bool sr_extension_is_recording(const struct sr_extension *extension)
{
	for (unsigned signature = 0; signature <= SR_SIGNATURE_TEXT; signature++)
		if (sr_extension_allows(extension, signature) && sr_signature_is_recording(signature))
			return true;
	return false;
}
