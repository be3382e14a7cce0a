/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filetype: guesses what is in files that nobody trusts, as file(1) does. All files are opened first; what looks at
 * their bytes can read them, write to standard output, and nothing else.
 *
 * Usage: filetype FILE...
 */
#include <capsicum_easy.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD 4096

struct head {
	unsigned char bytes[HEAD + 1]; /* a zero follows */
	size_t length;
};

static bool has(const struct head *head, size_t at, const char *text, size_t length)
{
	return at + length <= head->length && memcmp(head->bytes + at, text, length) == 0;
}

static unsigned big_endian(const unsigned char *bytes)
{
	return (unsigned)bytes[0] << 24 | (unsigned)bytes[1] << 16 | (unsigned)bytes[2] << 8 | bytes[3];
}

static const char *elf_machine(const struct head *head)
{
	const bool big = head->bytes[5] == 2;
	const unsigned machine =
		big ? head->bytes[18] * 256u + head->bytes[19] : head->bytes[19] * 256u + head->bytes[18];

	switch (machine) {
	case 3:
		return "x86";
	case 40:
		return "ARM";
	case 62:
		return "x86-64";
	case 183:
		return "AArch64";
	case 243:
		return "RISC-V";
	default:
		return "another machine";
	}
}

/* How many bytes of a character follow its first one in UTF-8; -1 if no character of a text begins so. */
static int bytes_to_follow(unsigned char first)
{
	if (first == 0 || first == 0x7f || (first < ' ' && strchr("\t\n\r\f\b\033", first) == NULL))
		return -1;
	if (first < 0x80)
		return 0;
	if (first < 0xc2 || first > 0xf4)
		return -1;
	return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

/* Whether all bytes belong to UTF-8 text; *ascii: even to ASCII. A character that the buffer's end cuts counts. */
static bool is_text(const struct head *head, bool *ascii)
{
	size_t i = 0;

	*ascii = true;
	while (i < head->length) {
		unsigned char c = head->bytes[i++];
		int more = bytes_to_follow(c);

		if (more < 0)
			return false;
		*ascii = *ascii && more == 0;
		for (; more > 0 && i < head->length; more--)
			if ((head->bytes[i++] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static void describe_text(const struct head *head)
{
	bool ascii;

	if (!is_text(head, &ascii))
		printf("data\n");
	else if (has(head, 0, "#!", 2))
		printf("script for %.*s\n", (int)strcspn((const char *)head->bytes + 2, "\r\n\033"), head->bytes + 2);
	else
		printf("%s text\n", ascii ? "ASCII" : "UTF-8");
}

static void describe(const struct head *head)
{
	if (head->length == 0)
		printf("empty\n");
	else if (has(head, 0, "\177ELF", 4) && head->length >= 20)
		printf("ELF %d-bit, %s\n", head->bytes[4] == 2 ? 64 : 32, elf_machine(head));
	else if (has(head, 0, "\211PNG\r\n\032\n", 8) && head->length >= 24)
		printf("PNG image, %u x %u\n", big_endian(head->bytes + 16), big_endian(head->bytes + 20));
	else if (has(head, 0, "\377\330\377", 3))
		printf("JPEG image\n");
	else if (has(head, 0, "%PDF-", 5))
		printf("PDF document\n");
	else if (has(head, 0, "\037\213", 2))
		printf("gzip data\n");
	else if (has(head, 0, "PK\003\004", 4))
		printf("zip archive\n");
	else if (has(head, 257, "ustar", 5))
		printf("tar archive\n");
	else
		describe_text(head);
}

static void describe_file(int fd, const char *name)
{
	struct head head;
	ssize_t length = read(fd, head.bytes, HEAD);

	if (length < 0 && errno == EAGAIN) /* a named pipe that nobody writes to, on FreeBSD */
		length = 0;
	printf("%s: ", name);
	if (length < 0) {
		printf("%s\n", ce_strerror(errno));
		return;
	}
	head.length = (size_t)length;
	head.bytes[head.length] = 0;
	describe(&head);
}

int main(int argc, char **argv)
{
	static struct ce_opening files[CE_OPENINGS_MAX];
	size_t n = (size_t)argc - 1;
	size_t failed;
	size_t i;

	for (i = 0; i < n && i < CE_OPENINGS_MAX; i++) {
		files[i].path = argv[i + 1];
		files[i].flags = O_RDONLY | O_NONBLOCK; /* a named pipe must not keep us waiting */
		files[i].descriptor.rights = CE_SET(CAP_READ);
	}
	if (ce_sandbox(files, n, CE_SANDBOX_STDIO, &failed) != 0) {
		fprintf(stderr, "filetype: %s: %s\n", failed < n ? argv[failed + 1] : "the sandbox",
			ce_strerror(errno));
		return 1;
	}
	for (i = 0; i < n; i++)
		describe_file(files[i].descriptor.fd, argv[i + 1]);
	return 0;
}
