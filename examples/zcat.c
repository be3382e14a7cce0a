/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zcat: decompresses gzip files to standard output. zlib sees nothing of the system but the files named and the output:
 * they are opened first, each to be read only, and then capability mode is entered.
 *
 * Usage: zcat [FILE]...   (default standard input)
 */
#include <capsicum_easy.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static void fail(const char *name, const char *why)
{
	fprintf(stderr, "zcat: %s: %s\n", name, why);
	exit(1);
}

static void write_all(const unsigned char *data, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, data, length);

		if (written < 0)
			fail("standard output", ce_strerror(errno));
		data += written;
		length -= (size_t)written;
	}
}

/* Decompresses what the stream has been given. Returns zlib's answer: Z_OK for more, Z_STREAM_END at a member's end. */
static int decompress(z_stream *stream)
{
	unsigned char output[65536];
	int result;

	do {
		stream->next_out = output;
		stream->avail_out = sizeof(output);
		result = inflate(stream, Z_NO_FLUSH);
		write_all(output, sizeof(output) - stream->avail_out);
		if (result == Z_STREAM_END && stream->avail_in > 0) /* gzip files may be joined */
			result = inflateReset(stream);
	} while (result == Z_OK && (stream->avail_in > 0 || stream->avail_out == 0));
	return result == Z_BUF_ERROR ? Z_OK : result;
}

static void decompress_file(int fd, const char *name)
{
	unsigned char input[65536];
	z_stream stream;
	ssize_t length;
	int result = Z_OK;

	memset(&stream, 0, sizeof(stream));
	if (inflateInit2(&stream, 15 + 16) != Z_OK) /* the largest window, a gzip header */
		fail(name, "out of memory");
	while ((length = read(fd, input, sizeof(input))) > 0) {
		stream.next_in = input;
		stream.avail_in = (uInt)length;
		if (result == Z_STREAM_END)
			inflateReset(&stream);
		result = decompress(&stream);
		if (result != Z_OK && result != Z_STREAM_END)
			fail(name, stream.msg != NULL ? stream.msg : "not in gzip format");
	}
	if (length < 0)
		fail(name, ce_strerror(errno));
	if (result != Z_STREAM_END)
		fail(name, "unexpected end of file");
	inflateEnd(&stream);
}

int main(int argc, char **argv)
{
	static struct ce_opening files[CE_OPENINGS_MAX];
	size_t n = (size_t)argc - 1;
	size_t failed;
	size_t i;

	for (i = 0; i < n && i < CE_OPENINGS_MAX; i++) {
		files[i].path = argv[i + 1];
		files[i].flags = O_RDONLY;
		files[i].descriptor.rights = CE_SET(CAP_READ);
	}
	if (ce_sandbox(files, n, CE_SANDBOX_STDIO, &failed) != 0)
		fail(failed < n ? argv[failed + 1] : "the sandbox", ce_strerror(errno));
	if (n == 0)
		decompress_file(STDIN_FILENO, "standard input");
	for (i = 0; i < n; i++)
		decompress_file(files[i].descriptor.fd, argv[i + 1]);
	return 0;
}
