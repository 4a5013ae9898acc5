/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/probe_recording.h"

#include <errno.h>
#include <libavformat/avformat.h>
#include <libavutil/time.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/casefile/probe_wire.h"

#define AVIO_BYTES (64 << 10)
#define SCAN_SECONDS 8ll /* for counting a recording through that does not say its length */
/* Containers that recorders, cameras and telephones write; none that refers to other files (HLS, concat…). */
#define CONTAINERS                                                                                           \
	"mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,wav,w64,mp3,ogg,flac,aac,amr,amrnb,amrwb,aiff,caf,asf,"   \
	"flv,mpeg,mpegts,mpegvideo,h264,hevc,dhav,au,mxf,rm,wv,ape,dv"

void sr_probe_recording_init(void)
{
	av_log_set_level(AV_LOG_QUIET);
}

struct source {
	int fd;
	int64_t size;
	int64_t at;
};

static int read_source(void *opaque, uint8_t *out, int size)
{
	struct source *source = opaque;
	ssize_t got;

	do
		got = pread(source->fd, out, (size_t)size, source->at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return AVERROR(EIO);
	if (got == 0)
		return AVERROR_EOF;
	source->at += got;
	return (int)got;
}

static int64_t seek_source(void *opaque, int64_t offset, int whence)
{
	struct source *source = opaque;
	int64_t base = 0;

	whence &= ~AVSEEK_FORCE;
	if (whence == AVSEEK_SIZE)
		return source->size;
	if (whence == SEEK_CUR)
		base = source->at;
	else if (whence == SEEK_END)
		base = source->size;
	else if (whence != SEEK_SET)
		return AVERROR(EINVAL);
	if (__builtin_add_overflow(base, offset, &base) || base < 0)
		return AVERROR(EINVAL);
	source->at = base;
	return base;
}

/* A container may name other files: none is opened. */
static int refuse_open(AVFormatContext *context, AVIOContext **io, const char *url, int flags,
                       AVDictionary **options)
{
	(void)context, (void)io, (void)url, (void)flags, (void)options;
	return AVERROR(EPERM);
}

static void note_streams(const AVFormatContext *context, int64_t size, struct sr_probe_reply *reply)
{
	for (unsigned i = 0; i < context->nb_streams; i++) {
		AVStream *stream = context->streams[i];
		int entries = avformat_index_get_entries_count(stream);
		const AVIndexEntry *last = entries > 0 ? avformat_index_get_entry(stream, entries - 1) : NULL;

		if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
			reply->flags |= SR_PROBE_AUDIO | SR_PROBE_RECORDING;
		bool cover = (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
		if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !cover)
			reply->flags |= SR_PROBE_VIDEO | SR_PROBE_RECORDING;
		if (last && (last->pos >= size || last->pos > size - last->size))
			reply->flags |= SR_PROBE_TRUNCATED;
	}
}

static void note_creation_time(const AVFormatContext *context, struct sr_probe_reply *reply)
{
	const AVDictionaryEntry *entry = av_dict_get(context->metadata, "creation_time", NULL, 0);

	for (unsigned i = 0; !entry && i < context->nb_streams; i++)
		entry = av_dict_get(context->streams[i]->metadata, "creation_time", NULL, 0);
	if (entry && strlen(entry->value) < sizeof(reply->created))
		snprintf(reply->created, sizeof(reply->created), "%s", entry->value);
}

/* The span from the first to the last time stamp of all packets, in AV_TIME_BASE; -1 when there is none. */
static int64_t count_through(AVFormatContext *context)
{
	AVPacket *packet = av_packet_alloc();
	int64_t deadline = av_gettime_relative() + SCAN_SECONDS * AV_TIME_BASE;
	int64_t first = INT64_MAX;
	int64_t last = INT64_MIN;
	bool whole = false;

	while (packet && av_gettime_relative() <= deadline) {
		if (av_read_frame(context, packet) < 0) {
			whole = true;
			break;
		}
		AVRational base = context->streams[packet->stream_index]->time_base;
		int64_t at = packet->pts == AV_NOPTS_VALUE ? packet->dts : packet->pts;
		if (at != AV_NOPTS_VALUE) {
			int64_t from = av_rescale_q(at, base, AV_TIME_BASE_Q);
			int64_t length = av_rescale_q(packet->duration, base, AV_TIME_BASE_Q);

			first = FFMIN(first, from);
			last = FFMAX(last, av_sat_add64(from, length));
		}
		av_packet_unref(packet);
	}
	av_packet_free(&packet);
	return whole && last > first ? av_sat_sub64(last, first) : -1;
}

/* Lengths that libavformat guesses from the bit rate are wrong for many recordings: those are counted. */
static void note_duration(AVFormatContext *context, struct sr_probe_reply *reply)
{
	int64_t duration = context->duration;
	bool guessed = context->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE;

	if (duration == AV_NOPTS_VALUE || duration <= 0 || guessed)
		duration = count_through(context);
	reply->duration_ms = duration < 0 ? -1 : duration / (AV_TIME_BASE / 1000);
}

static void measure(AVFormatContext *context, int64_t size, struct sr_probe_reply *reply)
{
	if (context->probe_score < AVPROBE_SCORE_RETRY || avformat_find_stream_info(context, NULL) < 0)
		return;
	note_streams(context, size, reply);
	if (!(reply->flags & SR_PROBE_RECORDING))
		return;
	note_creation_time(context, reply);
	note_duration(context, reply);
}

/* The process ends after this: what libavformat holds is released by that. */
void sr_probe_recording_look(int fd, int64_t size, struct sr_probe_reply *reply)
{
	struct source source = { .fd = fd, .size = size };
	AVFormatContext *context = avformat_alloc_context();
	uint8_t *buffer = av_malloc(AVIO_BYTES);
	AVDictionary *options = NULL;

	if (!context || !buffer)
		return;
	context->pb = avio_alloc_context(buffer, AVIO_BYTES, 0, &source, read_source, NULL, seek_source);
	context->io_open = refuse_open;
	if (!context->pb || av_dict_set(&options, "format_whitelist", CONTAINERS, 0) < 0 ||
	    av_dict_set(&options, "protocol_whitelist", "none", 0) < 0)
		return;
	if (avformat_open_input(&context, NULL, NULL, &options) == 0)
		measure(context, size, reply);
}
