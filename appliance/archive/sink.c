/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "appliance/base/fd.h"

struct sr_sink {
	int fd; /* borrowed */
	bool direct;
	uint8_t *buffer; /* SR_SINK_BYTES, page-aligned */
	size_t fill;
	uint64_t offset; /* of buffer[0] in the file; a multiple of SR_SINK_ALIGN */
};

static bool set_direct(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return false;
	return fcntl(fd, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
}

enum sr_status sr_sink_open(int fd, struct sr_sink **out, struct sr_err *err)
{
	struct sr_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the archive's output");
	void *buffer = mmap(NULL, SR_SINK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED) {
		free(sink);
		return sr_fail_errno(err, "memory for the archive's output");
	}
	*sink = (struct sr_sink){ .fd = fd, .direct = set_direct(fd, true), .buffer = buffer };
	*out = sink;
	return SR_OK;
}

void sr_sink_close(struct sr_sink *sink)
{
	if (!sink)
		return;
	if (sink->direct) /* given up: the descriptor goes back as it came */
		(void)set_direct(sink->fd, false);
	munmap(sink->buffer, SR_SINK_BYTES);
	free(sink);
}

enum sr_status sr_sink_reserve(struct sr_sink *sink, uint64_t bytes, struct sr_err *err)
{
	if (bytes > INT64_MAX)
		return sr_fail(err, SR_LIMIT, "an archive of %llu bytes", (unsigned long long)bytes);
	int failed;
	do
		failed = fallocate(sink->fd, 0, 0, (off_t)bytes);
	while (failed && errno == EINTR);
	if (!failed || errno == EOPNOTSUPP || errno == ENOSYS)
		return SR_OK;
	return sr_fail_errno(err, "the archive needs %llu bytes of disk", (unsigned long long)bytes);
}

/* Write at an offset.  A file system that takes O_DIRECT but not these sizes says EINVAL: then through the
 * page cache from here on. */
static enum sr_status write_at(struct sr_sink *sink, const uint8_t *data, size_t size, uint64_t offset,
                               struct sr_err *err)
{
	while (size > 0) {
		ssize_t n = pwrite(sink->fd, data, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EINVAL && sink->direct) {
			sink->direct = false;
			if (set_direct(sink->fd, false))
				continue;
		}
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return sr_fail_errno(err, "write the archive at %llu", (unsigned long long)offset);
		data += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return SR_OK;
}

/* Write the whole blocks of the buffer and keep the rest. */
static enum sr_status flush_blocks(struct sr_sink *sink, struct sr_err *err)
{
	size_t whole = sink->fill - sink->fill % SR_SINK_ALIGN;

	if (whole == 0)
		return SR_OK;
	SR_TRY(write_at(sink, sink->buffer, whole, sink->offset, err));
	memmove(sink->buffer, sink->buffer + whole, sink->fill - whole);
	sink->offset += whole;
	sink->fill -= whole;
	return SR_OK;
}

enum sr_status sr_sink_write(struct sr_sink *sink, const void *data, size_t size, struct sr_err *err)
{
	const uint8_t *at = data;

	while (size > 0) {
		size_t room = SR_SINK_BYTES - sink->fill;
		size_t part = size < room ? size : room;

		memcpy(sink->buffer + sink->fill, at, part);
		sink->fill += part;
		at += part;
		size -= part;
		if (sink->fill == SR_SINK_BYTES)
			SR_TRY(flush_blocks(sink, err));
	}
	return SR_OK;
}

enum sr_status sr_sink_write_lent(struct sr_sink *sink, uint8_t *data, size_t size, struct sr_err *err)
{
	if ((uintptr_t)data % SR_SINK_ALIGN != sr_sink_offset(sink) % SR_SINK_ALIGN || size < SR_SINK_ALIGN)
		return sr_sink_write(sink, data, size, err);

	SR_TRY(flush_blocks(sink, err));
	/* What is left belongs into the same block as the first bytes of @data: put it before them. */
	size_t kept = sink->fill;
	memcpy(data - kept, sink->buffer, kept);
	size_t tail = (kept + size) % SR_SINK_ALIGN;
	size_t whole = kept + size - tail;

	SR_TRY(write_at(sink, data - kept, whole, sink->offset, err));
	memcpy(sink->buffer, data - kept + whole, tail);
	sink->offset += whole;
	sink->fill = tail;
	return SR_OK;
}

uint64_t sr_sink_offset(const struct sr_sink *sink)
{
	return sink->offset + sink->fill;
}

enum sr_status sr_sink_finish(struct sr_sink *sink, struct sr_err *err)
{
	SR_TRY(flush_blocks(sink, err));
	if (sink->direct && !set_direct(sink->fd, false))
		return sr_fail_errno(err, "switch off direct writing");
	sink->direct = false;
	SR_TRY(write_at(sink, sink->buffer, sink->fill, sink->offset, err));
	sink->offset += sink->fill;
	sink->fill = 0;
	if (ftruncate(sink->fd, (off_t)sink->offset) < 0)
		return sr_fail_errno(err, "cut the archive to %llu bytes", (unsigned long long)sink->offset);
	return sr_fd_sync(sink->fd, "archive", err);
}
